import { Inject, Injectable } from '@nestjs/common';
import { and, isNull } from 'drizzle-orm';
import type { PgTransactionConfig } from 'drizzle-orm/pg-core';

import { Database } from '../database/database.js';
import { OutboxRelay } from './outbox-relay.js';
import { outboxTable } from './outbox.table.js';

/** What can be kept until it is published. */
export interface OutboxEvent {
  readonly type: string;
  readonly data: object;
}

/**
 * Changes data and tells of it, both or neither: what is told is written in the transaction that changes the data, and
 * published from there once that has been committed, even if the process doesn't live to see it.
 */
@Injectable()
export class Outbox {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly relay: OutboxRelay,
  ) {}

  /**
   * Runs it in one transaction; what it adds goes out as soon as that is committed.
   *
   * @throws what `work` throws, and then nothing has changed and nothing is told
   */
  async transaction<T>(work: (tx: Database) => Promise<T>, config?: PgTransactionConfig): Promise<T> {
    const result = await this.database.transaction(work, config);
    void this.relay.wake();
    return result;
  }

  /**
   * At least once: who receives it must be able to tell, by its data, that it has it already. Events of different nodes may
   * come in another order than their transactions.
   *
   * @param tx what {@link transaction} gives
   */
  async add(tx: Database, channel: string, ...events: readonly OutboxEvent[]): Promise<void> {
    if (events.length > 0) {
      await tx.insert(outboxTable).values(events.map(({ type, data }) => ({ channel, type, data })));
    }
  }

  /** How many events are not published yet. */
  waiting(): Promise<number> {
    return this.database.$count(
      outboxTable,
      and(isNull(outboxTable.publishedAt), isNull(outboxTable.failure)),
    );
  }
}
