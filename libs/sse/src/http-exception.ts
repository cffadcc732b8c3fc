import { type CloseReason, SseError } from '@nestcast/hub';
import {
  BadRequestException,
  ForbiddenException,
  type HttpException,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';

/**
 * What a request is answered with that could not become a stream: 400 where a channel name, which may come from the
 * client, is refused, 503 where the node or its broker can't take it now; anything else stays what it is.
 */
export function httpExceptionOf(error: unknown): unknown {
  if (!(error instanceof SseError)) {
    return error;
  }
  switch (error.code) {
    case 'INVALID_CHANNEL_NAME':
      return new BadRequestException(error.message, { cause: error });
    case 'DRAINING':
    case 'BROKER_CLOSED':
    case 'BROKER_UNAVAILABLE':
      return new ServiceUnavailableException(error.message, { cause: error });
    default:
      return error;
  }
}

/** What a request is answered with whose connection the application has closed while its handler was running. */
export function httpExceptionOfClose(reason: CloseReason): HttpException {
  switch (reason) {
    case 'expired':
      return new UnauthorizedException('The credentials have ended.');
    case 'revoked':
      return new ForbiddenException('The right to read this stream has been taken back.');
    default:
      return new ServiceUnavailableException(
        'The stream was closed before it was open; come back in a moment.',
      );
  }
}
