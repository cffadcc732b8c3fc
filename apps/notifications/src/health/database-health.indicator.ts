import { Inject, Injectable, Logger } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { sql } from 'drizzle-orm';
import { firstValueFrom, from, timeout } from 'rxjs';

import { Database } from '../database/database.js';

/** A prober that waits for a second still hears of it. */
const TIMEOUT_MS = 800;

/** Tells terminus whether the database answers. Why it doesn't is for the log alone: it may name the host. */
@Injectable()
export class DatabaseHealthIndicator {
  private readonly logger = new Logger(DatabaseHealthIndicator.name);

  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** @param key under which the result is shown */
  async isHealthy<Key extends string>(key: Key) {
    const indicator = this.indicators.check(key);
    try {
      await firstValueFrom(from(this.database.execute(sql`select 1`)).pipe(timeout(TIMEOUT_MS)));
      return indicator.up();
    } catch (error) {
      this.logger.warn(`The database doesn't answer: ${String(error)}`);
      return indicator.down({ message: 'The database does not answer.' });
    }
  }
}
