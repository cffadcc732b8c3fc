import type { Account } from '../../src/accounts/account.js';
import type { InboxPage, Selection } from '../../src/notifications/inbox.js';
import type { Notification } from '../../src/notifications/notification.js';
import type { NotificationEvents } from '../../src/notifications/notification-events.js';
import { request } from '../http.js';
import type { Draft } from './draft.js';

/** @param before `undefined`: the first page */
export function fetchPage(before: number | undefined, signal: AbortSignal): Promise<InboxPage> {
  const query = before === undefined ? '' : `?before=${before}`;
  return request('GET', `/notifications${query}`, { signal });
}

/** Answers with what the user's devices are told, so that this one needn't wait for the event. */
export function postRead(selection: Selection): Promise<NotificationEvents['notification.read']> {
  return request('POST', '/notifications/read', { body: selection });
}

export function postDraft({ key, ...body }: Draft): Promise<Notification> {
  return request('POST', '/notifications', { body, headers: { 'Idempotency-Key': key } });
}

export function fetchAccounts(signal: AbortSignal): Promise<Account[]> {
  return request('GET', '/accounts', { signal });
}
