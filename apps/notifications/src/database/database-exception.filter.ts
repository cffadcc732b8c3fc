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
    let told = error;
    if (isDatabaseUnavailable(error)) {
      this.logger.warn(String(error instanceof DrizzleQueryError ? error.cause : error));
      host.switchToHttp().getResponse<Response>().setHeader('Retry-After', RETRY_AFTER_S);
      told = new ServiceUnavailableException('That can’t be done now. Try again in a moment.');
    }
    // This is no promise.
    // oxlint-disable-next-line promise/no-promise-in-callback, promise/valid-params
    super.catch(told, host);
  }
}
