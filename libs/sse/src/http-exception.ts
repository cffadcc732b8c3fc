import { type CloseReason, SseError } from '@nestcast/hub';
import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  HttpStatus,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import type { RequestRefusal } from './limits/request-refusal.js';
import type { SseRequest } from './sse-request.js';

/**
 * What a request is answered with that could not become a stream: 400 where a channel name, which may come from the
 * client, is refused, 503 with Retry-After where the node or its broker can't take it now; anything else stays what it
 * is.
 */
export function httpExceptionOf(error: unknown, request: SseRequest, retryMs: number): unknown {
  if (!(error instanceof SseError)) {
    return error;
  }
  switch (error.code) {
    case 'INVALID_CHANNEL_NAME':
      return new BadRequestException(error.message, { cause: error });
    case 'BROKER_CLOSED':
    case 'BROKER_UNAVAILABLE':
    case 'DRAINING':
      request.setRetryAfter(retryMs);
      return new ServiceUnavailableException(error.message, { cause: error });
    default:
      return error;
  }
}

/** What a request is answered with whose connection the application has closed while its handler was running. */
export function httpExceptionOfClose(
  reason: CloseReason,
  request: SseRequest,
  retryMs: number,
): HttpException {
  switch (reason) {
    case 'expired':
      return new UnauthorizedException('The credentials have ended.');
    case 'revoked':
      return new ForbiddenException('The right to read this stream has been taken back.');
    default:
      request.setRetryAfter(retryMs);
      return new ServiceUnavailableException(
        'The stream was closed before it was open; come back in a moment.',
      );
  }
}

/** What a request over a limit is answered with: 503 where the node can take nobody, 429 where the client has had its share. */
export function refusalException(refusal: RequestRefusal, request: SseRequest): HttpException {
  const { by: limit, code, message, retryMs } = refusal;
  request.setRetryAfter(retryMs);
  if (code !== 'LIMIT_EXCEEDED') {
    return new ServiceUnavailableException(message, { cause: refusal });
  }
  const status = limit === 'total' ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.TOO_MANY_REQUESTS;
  return new HttpException({ statusCode: status, message, code, limit }, status, { cause: refusal });
}
