import { type ArgumentsHost, Catch, Logger, ServiceUnavailableException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { DrizzleQueryError } from 'drizzle-orm';
import type { Response } from 'express';

import { isDatabaseUnavailable } from './database-unavailable.js';

const RETRY_AFTER_S = 2;

/**
 * Answers with 503 what could not be done because the database is away, or is asked for too much. All other errors are none
 * of its business: it is to be asked after all other filters.
 */
@Catch()
export class DatabaseExceptionFilter extends BaseExceptionFilter {
  private readonly logger = new Logger(DatabaseExceptionFilter.name);

  override catch(error: unknown, host: ArgumentsHost): void {
    if (!isDatabaseUnavailable(error)) {
      super.catch(error, host);
      return;
    }
    this.logger.warn(String(error instanceof DrizzleQueryError ? error.cause : error));
    const response = host.switchToHttp().getResponse<Response>();
    response.setHeader('Retry-After', RETRY_AFTER_S);
    super.catch(new ServiceUnavailableException('That can’t be done now. Try again in a moment.'), host);
  }
}
