/** How much a notification wants to be seen. */
export const LEVELS = ['info', 'warning', 'error'] as const;

export type Level = (typeof LEVELS)[number];

/** Stands in place of a user id: the notification is an announcement. */
export const EVERYBODY = '*';

/** A stored notification; also the data of the event `notification.created`. */
export interface Notification {
  readonly id: string;
  /** Who it is for, or {@link EVERYBODY}. */
  readonly userId: string;
  readonly title: string;
  readonly body: string;
  readonly level: Level;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The user who sent it. */
  readonly from: string;
  /** The node that has taken it, where there are several. */
  readonly via?: string | undefined;
}
