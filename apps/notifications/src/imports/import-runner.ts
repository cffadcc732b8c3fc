import { setImmediate as turn } from 'node:timers/promises';

import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';

import { refusesData } from '../database/refused-data.js';
import { ServingNode } from '../serving-node/serving-node.js';
import { ImportBatches, type ImportStep } from './import-batches.js';
import { type ClaimedImport, ImportClaims } from './import-claims.js';
import { ImportFeed } from './import-feed.js';
import { importLines } from './import-file.js';
import type { ImportLine } from './import-line.js';

/** Of this process; the others wait for their turn. */
const MOST_AT_ONCE = 4;
/** A transaction each: the embedded database has one connection, and others want their turn. */
const BATCH = 10;
/** How soon what another process has left is looked for. */
const LOOK_EVERY_MS = 1_000;
const SEARCH = 'The search for imports';

/** Works on imports, whoever has taken them in: this process, one that died, or another that has too much to do. */
@Injectable()
export class ImportRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ImportRunner.name);
  private readonly running = new Map<string, Promise<void>>();
  private looking: Promise<void> | undefined;
  private again = false;
  private stopped = false;
  private readonly failing = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly claims: ImportClaims,
    private readonly batches: ImportBatches,
    private readonly feed: ImportFeed,
    private readonly node: ServingNode,
  ) {}

  /** Where there is only one node, whatever is claimed before its start was claimed by a process that has died. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.node.name === undefined) {
      await this.guarded(SEARCH, () => this.claims.releaseAll());
    }
    this.timer = setInterval(() => this.wake(), LOOK_EVERY_MS);
    this.wake();
  }

  /** What is under way ends with its batch; the next start goes on from there, or another process. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.looking;
    await Promise.all(this.running.values());
  }

  /** Says that there may be something to do. */
  wake(): void {
    this.again = true;
    // Not before it is kept: it may have nothing to wait for.
    this.looking ??= Promise.resolve().then(() => this.look());
  }

  private async look(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      const room = MOST_AT_ONCE - this.running.size;
      if (room > 0) {
        await this.guarded(SEARCH, async () => {
          const taken = await this.claims.take(room, [...this.running.keys()]);
          taken.forEach((claimed) => this.begin(claimed));
        });
      }
    }
    this.looking = undefined;
  }

  private begin(claimed: ClaimedImport): void {
    const { id } = claimed;
    const work = async (): Promise<void> => {
      const done = await this.guarded(`The import ${id}`, () => this.work(claimed));
      this.running.delete(id);
      // One that has failed is taken again with the next look, in a while.
      if (done) {
        this.wake();
      }
    };
    this.running.set(id, work());
  }

  private async work(claimed: ClaimedImport): Promise<void> {
    try {
      await this.finish(claimed);
    } catch (error) {
      // Where that can't be done either, the claim becomes stale.
      await this.claims.release(claimed.id).catch((another: unknown) => {
        throw new AggregateError([error, another], `${String(error)}, and then ${String(another)}`, {
          cause: error,
        });
      });
      throw error;
    }
  }

  private async finish(claimed: ClaimedImport): Promise<void> {
    const last = await this.run(claimed);
    if (last === undefined) {
      return;
    }
    if (last.state === 'running') {
      await this.claims.release(claimed.id);
      return;
    }
    await this.feed.end({ ...claimed, ...last });
    await this.claims.finish(claimed.id);
  }

  /** @returns where it has come to: it is over, or this process is; `undefined` if another has the import now */
  private async run(claimed: ClaimedImport): Promise<ImportStep | undefined> {
    let step: ImportStep | undefined = { ...claimed, found: claimed.problems };
    if (claimed.position > 0) {
      // Who worked on it until now may not have come to tell of its last batch.
      await this.feed.tell(claimed, step, 0);
    }
    if (claimed.state !== 'running') {
      return step;
    }
    const since = performance.now();
    for await (const lines of batchesOf(importLines(claimed.csv, claimed.position))) {
      if (this.stopped) {
        return step;
      }
      step = await this.send(claimed, lines);
      if (step === undefined) {
        break;
      }
      const seconds = (performance.now() - since) / 1_000;
      await this.feed.tell(claimed, step, Math.round((step.position - claimed.position) / seconds));
      if (step.state !== 'running') {
        break;
      }
      // The embedded database works in this very thread: without this the process would read no request until the end.
      await turn();
    }
    return step;
  }

  private async send(claimed: ClaimedImport, lines: readonly ImportLine[]): Promise<ImportStep | undefined> {
    try {
      return await this.batches.run(claimed.id, lines);
    } catch (error) {
      if (!refusesData(error)) {
        throw error;
      }
      // It would do so however often it is tried.
      this.logger.error(error);
      await this.claims.fail(claimed.id);
      return this.batches.run(claimed.id, []);
    }
  }

  /** The database or the broker may be away for a while: what is left is looked at again within a second. */
  private async guarded(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
    } catch (error) {
      // Once when it begins to fail, and once when it is over.
      if (!this.failing.has(what)) {
        this.failing.add(what);
        this.logger.warn(`${what} waits, and is tried again: ${String(error)}`);
      }
      return false;
    }
    if (this.failing.delete(what)) {
      this.logger.log(`${what} goes on.`);
    }
    return true;
  }
}

async function* batchesOf(lines: AsyncIterable<ImportLine>): AsyncGenerator<ImportLine[]> {
  let batch: ImportLine[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
