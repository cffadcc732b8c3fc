/** How much a notification wants to be seen. */
export const LEVELS = ['info', 'success', 'warning', 'error'] as const;

export type Level = (typeof LEVELS)[number];

/** Stands in place of a user id: the notification is an announcement. */
export const EVERYBODY = '*';

/** What a sender says. */
export interface NotificationDraft {
  /** Who it is for, or {@link EVERYBODY}. */
  readonly recipient: string;
  readonly title: string;
  readonly body: string;
  readonly level: Level;
  /** The user who sends it. */
  readonly sender: string;
  /** The sender's own name for the request: a second one of the same name changes nothing. */
  readonly requestKey?: string | undefined;
}

/** A stored notification. */
export interface Notification extends Omit<NotificationDraft, 'requestKey'> {
  /** The later, the higher. */
  readonly id: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The node that has taken it, where there are several. */
  readonly via?: string | undefined;
}

/** What has become of a draft. */
export interface AddedNotification {
  readonly notification: Notification;
  /** `false`: an earlier request of the same key has made it. */
  readonly isNew: boolean;
}

/** A notification as one user has it. */
export interface InboxItem extends Notification {
  readonly read: boolean;
}
