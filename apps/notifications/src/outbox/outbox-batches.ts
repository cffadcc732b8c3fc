import { SseChannelRegistry, SseError } from '@nestcast/sse';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import { OutboxMetrics } from './outbox-metrics.js';
import { WAITING, outboxTable } from './outbox.table.js';

/** At most so many events are under way at once. */
const SIZE = 200;

type Row = Pick<typeof outboxTable.$inferSelect, 'id' | 'channel' | 'type' | 'data'>;

/** What has become of a batch. */
export interface BatchResult {
  /** Of the last event in it. */
  readonly lastId: number;
  /** Whether there may be more behind it. */
  readonly full: boolean;
  readonly published: number;
  /** Why some of it is to be tried again; `undefined`: nothing is. */
  readonly retry: Error | undefined;
}

/** Publishes events of the outbox, so many at a time. */
@Injectable()
export class OutboxBatches {
  private readonly logger = new Logger('Outbox');

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SseChannelRegistry) private readonly channels: Pick<SseChannelRegistry, 'publish'>,
    private readonly metrics: OutboxMetrics,
  ) {}

  /**
   * Publishes the first that wait behind this one, and marks them. Until it is done with them other nodes skip them, and if
   * it never is, they find them as they were.
   *
   * @returns `undefined` where there are none
   * @throws Error where the database is away
   */
  publishAfter(id: number): Promise<BatchResult | undefined> {
    return this.database.transaction(async (tx) => {
      const rows: Row[] = await tx
        .select({
          id: outboxTable.id,
          channel: outboxTable.channel,
          type: outboxTable.type,
          data: outboxTable.data,
        })
        .from(outboxTable)
        .where(and(WAITING, gt(outboxTable.id, id)))
        .orderBy(asc(outboxTable.id))
        .limit(SIZE)
        .for('update', { skipLocked: true });
      const last = rows.at(-1);
      if (last === undefined) {
        return undefined;
      }
      const results = await Promise.allSettled(
        rows.map(({ channel, type, data }) => this.channels.publish(channel, { type, data })),
      );
      const marked = await this.mark(tx, rows, results);
      this.metrics.published.add(marked.published);
      return { lastId: last.id, full: rows.length === SIZE, ...marked };
    });
  }

  private async mark(
    tx: Database,
    rows: readonly Row[],
    results: readonly PromiseSettledResult<unknown>[],
  ): Promise<Pick<BatchResult, 'published' | 'retry'>> {
    const published: number[] = [];
    let retry: Error | undefined;
    for (const [index, result] of results.entries()) {
      const { id } = rows[index] as Row;
      if (result.status === 'fulfilled') {
        published.push(id);
      } else if (isHopeless(result.reason)) {
        await this.setAside(tx, id, result.reason);
      } else {
        retry = result.reason as Error;
      }
    }
    if (published.length > 0) {
      await tx
        .update(outboxTable)
        .set({ publishedAt: sql`now()` })
        .where(inArray(outboxTable.id, published));
    }
    return { published: published.length, retry };
  }

  /** It stays in the table, for somebody to look at. */
  private async setAside(tx: Database, id: number, { message }: SseError): Promise<void> {
    this.metrics.setAside.add(1);
    this.logger.error(`The event ${id} of the outbox can’t be published: ${message}`);
    await tx.update(outboxTable).set({ failure: message }).where(eq(outboxTable.id, id));
  }
}

/** It would fail in the same way however often it is tried. */
function isHopeless(error: unknown): error is SseError {
  return error instanceof SseError && error.code.startsWith('INVALID_');
}
