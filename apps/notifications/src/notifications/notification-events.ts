import type { Inbox } from './inbox.js';
import type { Notification } from './notification.js';

/** The events of a user's channel and of the announcements. Each may come twice, and in another order than things happened. */
export interface NotificationEvents {
  'notification.created': { readonly notification: Notification; readonly inbox: Inbox };
  /** The user has read them, on some device. */
  'notification.read': { readonly ids: readonly number[]; readonly inbox: Inbox };
}
