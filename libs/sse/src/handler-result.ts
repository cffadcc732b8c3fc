import { inspect } from 'node:util';
import {
  Channel,
  type Hub,
  type Pullable,
  type SseEvent,
  SseError,
  inContextOfSubscriber,
} from '@nestcast/hub';
import { isObservable } from 'rxjs';
import { pulled } from './pulled-source.js';
import type { SseRequest } from './sse-request.js';

const EXPECTED =
  'An @SseChannel() handler returns a channel name, a Channel, a non-empty array of these (to subscribe the client), or ' +
  'an Observable, iterable or async iterable of events (a private stream), or a promise of one of them';

/** The channels that a handler has returned, by whatever names it gave. */
export function channelsOf(result: unknown, hub: Hub): Channel[] {
  const items: unknown[] = Array.isArray(result) ? result : [result];
  if (items.length === 0) {
    throw new SseError('INVALID_HANDLER_RESULT', `${EXPECTED}; got an empty array.`);
  }
  return items.map((item) => {
    if (item instanceof Channel) {
      return item;
    }
    if (typeof item !== 'string') {
      throw new SseError('INVALID_HANDLER_RESULT', `${EXPECTED}; got ${inspect(item, { depth: 0 })}.`);
    }
    return hub.channel(item);
  });
}

/**
 * Looks at what a handler returns before Nest does, which would lose the difference between an Observable of strings
 * and a channel's name. A private stream becomes an Observable, so that its events pass the route's own interceptors
 * one by one, in the async context of its request whoever makes it emit; everything else is let through.
 */
export function adoptResult(
  result: unknown,
  request: SseRequest,
  onLateError: (error: unknown) => void,
): unknown {
  if (isThenable(result)) {
    return Promise.resolve(result).then((value) => adoptResult(value, request, onLateError));
  }
  if (!isObservable(result) && !isEventIterable(result)) {
    return result;
  }
  request.isPrivate = true;
  request.onPrivate?.();
  return inContextOfSubscriber(isObservable(result) ? result : pulled(result, request, onLateError));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function isEventIterable(value: unknown): value is Pullable<SseEvent> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}
