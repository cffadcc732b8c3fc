import {
  type GoodbyeData,
  RETURN_ID,
  answerAtOnce,
  eventStreamHeaders,
  goodbyeFrame,
  idFrame,
} from '@nestcast/hub';
import { longPollOf } from '../long-poll.js';
import type { LongPollOptions } from '../sse.options.js';
import type { SseRequest } from '../sse-request.js';
import type { RequestRefusal } from './request-refusal.js';

/**
 * A stream that says goodbye at once, for an EventSource to come back by itself: any status but 200 would end it for good.
 * [spec] WHATWG 9.2.3
 */
export function answerWithGoodbye(
  request: SseRequest,
  { by, retryMs, evicted }: RequestRefusal,
  longPoll: LongPollOptions,
): void {
  const data: GoodbyeData =
    by === 'drain' ? { reason: 'drain', retryMs } : { reason: 'server', limit: by, retryMs };
  // One that has had a place comes back as such, and takes nobody else's.
  const id = evicted && !request.returns ? idFrame(RETURN_ID) : '';
  request.takeResponse();
  // A poll that is refused has been understood: without it its client would take this for a server that knows none.
  const poll = longPollOf(request.raw, longPoll);
  const polled = poll && { ...poll.headers, 'Preference-Applied': 'wait=0' };
  const headers = { ...eventStreamHeaders('identity', false), ...polled };
  answerAtOnce(request.rawResponse, headers, id + goodbyeFrame(data));
}

/** [spec] WHATWG 9.2.3: 204 tells an EventSource to stop reconnecting. */
export function answerNoContent(request: SseRequest): void {
  request.takeResponse();
  request.rawResponse.statusCode = 204;
  request.rawResponse.end();
}
