import type { InboxItem } from './notification.js';

/**
 * Counts of what an owner has. What a user has not read yet is its own total and everybody's, without what it has read;
 * of several inboxes of one owner the one with the highest revision counts.
 */
export interface Inbox {
  /** A user, or `*` for everybody. */
  readonly owner: string;
  readonly revision: number;
  readonly total: number;
  readonly read: number;
}

/** The user's own counts, and everybody's. */
export interface Inboxes {
  readonly own: Inbox;
  readonly everybody: Inbox;
}

/** A part of what a user has, newest first. */
export interface InboxPage {
  readonly items: readonly InboxItem[];
  /** What `before` must be for the next page; `null`: this was the last. */
  readonly next: number | null;
  readonly inboxes: Inboxes;
}

/** Which of a user's notifications: these, or all up to one. */
export type Selection = { readonly ids: readonly number[] } | { readonly upTo: number };
