import { Inject, Injectable } from '@nestjs/common';
import { type ObservableResult, metrics } from '@opentelemetry/api';
import { asc, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import { WAITING, outboxTable } from './outbox.table.js';

const meter = metrics.getMeter('outbox');

/**
 * What the outbox does. How long events wait is something to alert on, and no part of the readiness check: while the broker is
 * away this node still keeps what it is given and shows what there is, and no other node would publish any sooner.
 */
@Injectable()
export class OutboxMetrics {
  /** By this node. */
  readonly published = meter.createCounter('outbox.published', {
    description: 'Events of the outbox that were published.',
    unit: '{event}',
  });
  readonly setAside = meter.createCounter('outbox.set_aside', {
    description: 'Events of the outbox that can never be published.',
    unit: '{event}',
  });

  constructor(@Inject(Database) private readonly database: Database) {
    meter
      .createObservableGauge('outbox.waiting', {
        description: 'How long the first event that waits in the outbox has waited. The same on all nodes.',
        unit: 's',
      })
      .addCallback((result) => this.observeWaiting(result));
  }

  private async observeWaiting(result: ObservableResult): Promise<void> {
    const [first] = await this.database
      .select({ seconds: sql`extract(epoch from now() - ${outboxTable.createdAt})`.mapWith(Number) })
      .from(outboxTable)
      .where(WAITING)
      .orderBy(asc(outboxTable.id))
      .limit(1);
    result.observe(first?.seconds ?? 0);
  }
}
