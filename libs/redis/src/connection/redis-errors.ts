import { SseError } from '@nestcast/hub';
import { RedisReplyError } from './redis-port.js';

/** Redis can't be asked now, or has not answered: what was asked for may have been done, unless `why` says otherwise. */
export function unavailable(why: string, cause?: unknown): SseError {
  return new SseError(
    'BROKER_UNAVAILABLE',
    `Redis is not available: ${why}. It is tried again by itself; look at Redis and at the way to it.`,
    cause === undefined ? undefined : { cause },
  );
}

/** What is asked of a connection that has been closed. */
export function brokerClosed(): SseError {
  return new SseError('BROKER_CLOSED', 'The connection to Redis has been closed.');
}

/** Refusals that say how Redis is, or where, and nothing about the command, which has not been carried out. */
const NOT_NOW = new Set([
  'ASK',
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
]);
/** Of these, those that say that the master is another one. */
const ELSEWHERE = new Set(['MOVED', 'READONLY']);

/** What a command of ioredis has rejected with, in the words of the port: an SseError, or a RedisReplyError. */
export function portError(error: unknown): Error {
  if (error instanceof SseError) {
    return error;
  }
  // By its name: a client of the application's may be of another ioredis.
  if (!(error instanceof Error && error.name === 'ReplyError')) {
    return unavailable(messageOf(error), error);
  }
  const reply = new RedisReplyError(messageOf(error));
  return NOT_NOW.has(reply.code) ? unavailable(`it has answered "${reply.message}"`, reply) : reply;
}

/** Whether an error of {@link portError} says that commands are for another node. */
export function isElsewhere({ cause }: Error): boolean {
  return cause instanceof RedisReplyError && ELSEWHERE.has(cause.code);
}

/** What a caller of the broker is told: an error reply is none that he could do something about. */
export function refusal(error: unknown): unknown {
  return error instanceof RedisReplyError
    ? new SseError('BROKER_UNAVAILABLE', `Redis has refused: ${error.message}`, { cause: error })
    : error;
}

/** The promise's outcome, errors as {@link refusal} tells them. */
export async function orRefusal<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw refusal(error);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
