import { Module } from '@nestjs/common';

import { NotificationStore } from './notification-store.js';
import { NotificationsController } from './notifications.controller.js';

@Module({ controllers: [NotificationsController], providers: [NotificationStore] })
export class NotificationsModule {}
