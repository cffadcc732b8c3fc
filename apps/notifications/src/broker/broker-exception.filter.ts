import { SseError } from '@nestcast/sse';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  type HttpException,
  InternalServerErrorException,
  Logger,
  ServiceUnavailableException,
} from '@nestjs/common';
import type { Response } from 'express';

const RETRY_AFTER_S = 2;

/** Answers with 503 what could not be done because the broker is away: it is nobody's fault, and over in a moment. */
@Catch(SseError)
export class BrokerExceptionFilter implements ExceptionFilter<SseError> {
  private readonly logger = new Logger(BrokerExceptionFilter.name);

  catch(error: SseError, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const exception = this.exceptionOf(error);
    if (exception instanceof ServiceUnavailableException) {
      response.setHeader('Retry-After', RETRY_AFTER_S);
    }
    response.status(exception.getStatus()).json(exception.getResponse());
  }

  private exceptionOf(error: SseError): HttpException {
    if (error.code === 'BROKER_UNAVAILABLE' || error.code === 'BROKER_CLOSED') {
      this.logger.warn(error.message);
      return new ServiceUnavailableException('That can’t be done now. Try again in a moment.');
    }
    this.logger.error(error);
    return new InternalServerErrorException();
  }
}
