import { Injectable } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';

import { type AddedNotification, EVERYBODY } from './notification.js';

/** What is counted of notifications: nothing that a user's input could make many of. */
@Injectable()
export class NotificationMetrics {
  private readonly sent = metrics.getMeter('notifications').createCounter('notifications.sent', {
    description: 'Notifications that were stored.',
    unit: '{notification}',
  });

  /** For when they are committed: what is rolled back was not sent. */
  count(added: readonly AddedNotification[]): void {
    for (const { notification, isNew } of added) {
      if (isNew) {
        const { recipient, level } = notification;
        this.sent.add(1, { audience: recipient === EVERYBODY ? 'everybody' : 'person', level });
      }
    }
  }
}
