import { Injectable } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';

import { EVERYBODY, type Notification } from './notification.js';

/** What is counted of notifications: nothing that a user's input could make many of. */
@Injectable()
export class NotificationMetrics {
  private readonly sent = metrics.getMeter('notifications').createCounter('notifications.sent', {
    description: 'Notifications that were stored.',
    unit: '{notification}',
  });

  count({ recipient, level }: Notification): void {
    this.sent.add(1, { audience: recipient === EVERYBODY ? 'everybody' : 'person', level });
  }
}
