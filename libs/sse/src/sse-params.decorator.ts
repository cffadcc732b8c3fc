import { createParamDecorator } from '@nestjs/common';
import { SseRequest } from './sse-request.js';

/** The `Connection` that is being opened: its id, `send()`, `close()`, `expireAt()`. */
export const SseConnection = createParamDecorator((_data: undefined, context) =>
  SseRequest.of(context).requireConnection('@SseConnection()'),
);

/** An `AbortSignal` that is aborted when the stream is over, however it ends; also while the handler still runs. */
export const SseSignal = createParamDecorator(
  (_data: undefined, context) => SseRequest.of(context).requireConnection('@SseSignal()').signal,
);

/** The id of the last event that the client has seen, from the header or `?lastEventId=`; `undefined` on a first visit. */
export const LastEventId = createParamDecorator(
  (_data: undefined, context) => SseRequest.of(context).lastEventId,
);
