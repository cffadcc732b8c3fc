import { SseChannelRegistry, SseError } from '@nestcast/sse';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { and, asc, eq, inArray, isNull, lt, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import { outboxTable } from './outbox.table.js';

const BATCH = 200;
/** How soon what another node has left, or could not publish, is looked for. */
const LOOK_EVERY_MS = 1_000;
/** How long what has been published can be looked up in the table. */
const KEEP_MS = 24 * 60 * 60 * 1_000;
const CLEAN_EVERY_MS = 60 * 60 * 1_000;
type Row = Pick<typeof outboxTable.$inferSelect, 'id' | 'channel' | 'type' | 'data'>;

/**
 * Publishes what is in the outbox, and marks it. Any number of nodes may do so: a row that one is at is skipped by the
 * others. A node that dies between the two publishes a row without marking it, and the next one does so again.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(OutboxRelay.name);
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private failing = false;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly channels: SseChannelRegistry,
  ) {}

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => this.wake(), LOOK_EVERY_MS),
      setInterval(() => void this.guarded(() => this.clean()), CLEAN_EVERY_MS),
    ];
    this.wake();
  }

  /** What is committed from now on is published by the next start, or by another node. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.timers.forEach((timer) => clearInterval(timer));
    await this.running;
  }

  /** Says that there may be something to publish. */
  wake(): void {
    this.again = true;
    this.running ??= this.run();
  }

  private async run(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      await this.guarded(async () => {
        while (!this.stopped && (await this.publishBatch()) === BATCH);
      });
    }
    this.running = undefined;
  }

  /** @returns how many were tried */
  private publishBatch(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const rows: Row[] = await tx
        .select({
          id: outboxTable.id,
          channel: outboxTable.channel,
          type: outboxTable.type,
          data: outboxTable.data,
        })
        .from(outboxTable)
        .where(and(isNull(outboxTable.publishedAt), isNull(outboxTable.failure)))
        .orderBy(asc(outboxTable.id))
        .limit(BATCH)
        .for('update', { skipLocked: true });
      const results = await Promise.allSettled(
        rows.map(({ channel, type, data }) => this.channels.publish(channel, { type, data })),
      );
      await this.mark(tx, rows, results);
      return rows.length;
    });
  }

  private async mark(
    tx: Database,
    rows: readonly Row[],
    results: readonly PromiseSettledResult<unknown>[],
  ): Promise<void> {
    const published: number[] = [];
    let retry: unknown;
    for (const [index, result] of results.entries()) {
      const { id } = rows[index] as Row;
      if (result.status === 'fulfilled') {
        published.push(id);
      } else if (isHopeless(result.reason)) {
        this.logger.error(`The event ${id} of the outbox can’t be published: ${result.reason.message}`);
        await tx.update(outboxTable).set({ failure: result.reason.message }).where(eq(outboxTable.id, id));
      } else {
        retry = result.reason;
      }
    }
    if (published.length > 0) {
      await tx
        .update(outboxTable)
        .set({ publishedAt: sql`now()` })
        .where(inArray(outboxTable.id, published));
    }
    this.tellOf(retry);
  }

  private async clean(): Promise<void> {
    await this.database
      .delete(outboxTable)
      .where(lt(outboxTable.publishedAt, new Date(Date.now() - KEEP_MS)));
  }

  /** The database or the broker may be away for a while: what is left is looked at again within a second. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.tellOf(error);
    }
  }

  /** Once when it begins to fail, and once when it is over. */
  private tellOf(error: unknown): void {
    const failing = error !== undefined;
    if (failing !== this.failing) {
      this.failing = failing;
      if (failing) {
        this.logger.warn(`The outbox waits, and is tried again: ${String(error)}`);
      } else {
        this.logger.log('The outbox goes on.');
      }
    }
  }
}

/** It would fail in the same way however often it is tried. */
function isHopeless(error: unknown): error is SseError {
  return error instanceof SseError && error.code.startsWith('INVALID_');
}
