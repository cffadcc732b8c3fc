import { type LimitName, type RefusalCause, SseError, type SseErrorCode } from '@nestcast/hub';
import type { Refusal } from '../sse.options.js';

/** A request that gets no stream, and how it is told. */
export class RequestRefusal extends SseError {
  constructor(
    code: SseErrorCode,
    message: string,
    /** What stands against it. */
    readonly by: RefusalCause,
    readonly way: Refusal,
    /** When it may come back; milliseconds. */
    readonly retryMs: number,
    /** Whether it had a place, and another has it now. */
    readonly evicted = false,
  ) {
    super(code, message);
  }
}

const used: Readonly<Record<LimitName, string>> = {
  total: 'This node has as many streams open as it may (total);',
  perUser: 'You have as many streams open as a user may (perUser); close one, or',
  perIp: 'Your address has as many streams open as one may (perIp); close one, or',
  perChannel: 'The channel has as many streams open as one may (perChannel);',
  opensPerMinute: 'You may open no more streams this minute (opensPerMinute);',
};

/** Whole seconds, as Retry-After has them. */
export const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

export function limitMessage(limit: LimitName, retryMs: number): string {
  return `${used[limit]} come back in ${secondsOf(retryMs)} s.`;
}
