import { setImmediate as turn } from 'node:timers/promises';

import {
  type OnApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { lt, sql } from 'drizzle-orm';

import { Database } from '../database/database.js';
import { OutboxBatches } from './outbox-batches.js';
import { outboxTable } from './outbox.table.js';

/** How soon what another node has left, or could not publish, is looked for. */
const LOOK_EVERY_MS = 1_000;
/** How long what has been published can be looked up in the table. */
const KEPT = sql`now() - interval '1 day'`;
const CLEAN_EVERY_MS = 60 * 60 * 1_000;

/**
 * Publishes what is in the outbox, and marks it. Any number of nodes may do so: a row that one is at is skipped by the
 * others. A node that dies between the two publishes a row without marking it, and the next one does so again.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Outbox');
  private running: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private failing = false;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly batches: OutboxBatches,
  ) {}

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => void this.wake(), LOOK_EVERY_MS),
      setInterval(() => void this.clean(), CLEAN_EVERY_MS),
    ];
    void this.wake();
    void this.clean();
  }

  /** When no request is left. What another node commits from now on is published by that, or by the next start. */
  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.timers.forEach((timer) => clearInterval(timer));
    await this.running;
  }

  /**
   * Says that there may be something to publish.
   *
   * @returns when all that there is now has been tried; it never rejects
   */
  wake(): Promise<void> {
    this.again = true;
    this.running ??= this.run();
    return this.running;
  }

  /** Deletes what was published long ago; what was set aside stays. */
  async clean(): Promise<void> {
    await this.guarded(async () => {
      await this.database.delete(outboxTable).where(lt(outboxTable.publishedAt, KEPT));
    });
  }

  private async run(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      await this.guarded(() => this.publishAll());
    }
    this.running = undefined;
  }

  private async publishAll(): Promise<void> {
    let failure: Error | undefined;
    for (let after: number | undefined = 0; after !== undefined && !this.stopped;) {
      const batch = await this.batches.publishAfter(after);
      failure ??= batch?.retry;
      // Where nothing goes through the rest wouldn't either.
      const more = batch?.full === true && (batch.published > 0 || batch.retry === undefined);
      after = more ? batch.lastId : undefined;
      // The embedded database works in this very thread: without this the process would read no request until the end.
      await turn();
    }
    this.tellOf(failure);
  }

  /** The database may be away for a while: what is left is looked at again within a second. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.tellOf(error as Error);
    }
  }

  /** Once when it begins to fail, and once when it is over. */
  private tellOf(error: Error | undefined): void {
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
