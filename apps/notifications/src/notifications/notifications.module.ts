import { Module } from '@nestjs/common';

import { NodeFiguresChannel } from '../node-figures/node-figures.channel.js';
import { OnlineUsers } from '../node-figures/online-users.js';
import { SessionModule } from '../session/session.module.js';
import { NotificationMetrics } from './notification-metrics.js';
import { NotificationStore } from './notification-store.js';
import { NotificationsController } from './notifications.controller.js';

@Module({
  imports: [SessionModule],
  controllers: [NotificationsController],
  providers: [NotificationStore, NotificationMetrics, NodeFiguresChannel, OnlineUsers],
})
export class NotificationsModule {}
