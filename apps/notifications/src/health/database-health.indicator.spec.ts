import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';

import type { Database } from '../database/database.js';
import { DatabaseHealthIndicator } from './database-health.indicator.js';

let warnings: string[];
beforeEach(() => {
  warnings = [];
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => {
    warnings.push(String(message));
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Of a database that answers so. */
const indicatorOf = (answer: Promise<unknown>): DatabaseHealthIndicator =>
  new DatabaseHealthIndicator({ execute: () => answer } as unknown as Database, new HealthIndicatorService());

describe('DatabaseHealthIndicator', () => {
  it('is up when the database answers', async () => {
    expect(await indicatorOf(Promise.resolve([])).isHealthy('database')).toEqual({
      database: { status: 'up' },
    });
    expect(warnings).toEqual([]);
  });

  it.each([
    ['refuses', Promise.reject(new Error('no route to db-7')), 'no route to db-7'],
    ['never answers', new Promise(() => undefined), 'Timeout'],
  ])('is down when it %s, and only the log knows why', async (_how, answer, why) => {
    expect(await indicatorOf(answer).isHealthy('database')).toEqual({
      database: { status: 'down', message: 'The database does not answer.' },
    });
    expect(warnings).toEqual([expect.stringContaining(why)]);
  });
});
