import type { Level } from '../../src/notifications/notification.js';
import { EVERYBODY } from './everybody.js';

/** A notification that is being written. */
export interface Draft {
  readonly recipient: string;
  readonly title: string;
  readonly body: string;
  readonly level: Level;
  /** Of the request: sent again as it is, for want of an answer, it counts once. Another text is another request. */
  readonly key: string;
}

export const LONGEST_TITLE = 120;
export const LONGEST_BODY = 2_000;

export const newDraft = (key: string): Draft => ({
  recipient: EVERYBODY,
  title: '',
  body: '',
  level: 'info',
  key,
});

/** @param key a new one */
export function edited(draft: Draft, change: Partial<Omit<Draft, 'key'>>, key: string): Draft {
  return { ...draft, ...change, key };
}

/** What is wrong with it, for people; `undefined`: nothing. */
export function problemOf({ title }: Draft): string | undefined {
  return title.trim() === '' ? 'Write a title.' : undefined;
}
