import { type CloseReason, SseError } from '@nestcast/hub';
import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  HttpStatus,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import type { LimitOptions } from './sse.options.js';
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
    case 'DRAINING':
    case 'UNDER_PRESSURE':
    case 'BROKER_CLOSED':
    case 'BROKER_UNAVAILABLE':
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

const refusals: Readonly<Record<keyof LimitOptions, string>> = {
  total: 'This node has as many streams open as it may (total);',
  perUser: 'You have as many streams open as a user may (perUser); close one, or',
  perIp: 'Your address has as many streams open as one may (perIp); close one, or',
  perChannel: 'The channel has as many streams open as one may (perChannel);',
  opensPerMinute: 'You may open no more streams this minute (opensPerMinute);',
};

/** What a request over a limit is answered with: 503 where the node is full, 429 where the client has had its share. */
export function limitException(
  limit: keyof LimitOptions,
  request: SseRequest,
  waitMs: number,
): HttpException {
  const seconds = request.setRetryAfter(waitMs);
  const cause = new SseError('LIMIT_EXCEEDED', `${refusals[limit]} come back in ${seconds} s.`);
  const status = limit === 'total' ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.TOO_MANY_REQUESTS;
  const body = { statusCode: status, message: cause.message, code: cause.code, limit };
  return new HttpException(body, status, { cause });
}
