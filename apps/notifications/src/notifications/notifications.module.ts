import { Module } from '@nestjs/common';

import { InboxStore } from './inbox-store.js';
import { NotificationMetrics } from './notification-metrics.js';
import { NotificationStore } from './notification-store.js';
import { NotificationsController } from './notifications.controller.js';

@Module({
  controllers: [NotificationsController],
  providers: [InboxStore, NotificationStore, NotificationMetrics],
  exports: [NotificationStore, NotificationMetrics],
})
export class NotificationsModule {}
