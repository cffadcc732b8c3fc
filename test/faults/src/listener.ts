import type { GapData } from '@nestcast/hub';
import { ResumingClient, type StreamEvent } from '@nestcast/testing';
import type { Publication } from './ledger.js';
import { type Reception, type ToldGap, excuses } from './verdict.js';

const BACKOFF_MS = 100;
/** Longer than any fault takes. */
const BACK_WITHIN_MS = 20_000;

/** A client that follows its channels on all nodes in turn: when a stream ends, and when a node takes nobody, to the next. */
export class Listener {
  private readonly client: ResumingClient;
  private readonly seen = new Set<number>();
  private taken = 0;
  private attempts = 0;

  /**
   * @param addresses of the nodes, whether alive or not
   * @param first where it goes first, as an index of these
   */
  constructor(
    readonly channels: readonly string[],
    addresses: readonly string[],
    first: number,
  ) {
    const query = new URLSearchParams(channels.map((name): [string, string] => ['channel', name]));
    const next = (): string => {
      const address = addresses[(first + this.attempts) % addresses.length];
      this.attempts += 1;
      return `${address}/stream?${query.toString()}`;
    };
    this.client = new ResumingClient(next, { backoffMs: BACKOFF_MS, timeoutMs: BACK_WITHIN_MS });
  }

  get reconnects(): number {
    return this.client.reconnects;
  }

  /** Resolves when it has a place in the log: whatever is published from here on is for it. */
  ready(timeoutMs: number): Promise<void> {
    return this.client.until(({ lastEventId }) => lastEventId !== '', timeoutMs);
  }

  /** Cuts its connection; it comes back with its last event id. */
  cut(): Promise<void> {
    return this.client.cut();
  }

  /** Resolves when all of them that are for it have come, or a gap has told that they won't. */
  async caughtUpWith(publications: readonly Publication[], timeoutMs: number): Promise<void> {
    const mine = publications.filter(({ channel }) => this.channels.includes(channel));
    await this.client.until(() => {
      this.look();
      return mine.every((publication) => this.seen.has(publication.number) || this.isExcused(publication));
    }, timeoutMs);
  }

  reception(): Reception {
    return {
      channels: this.channels,
      deliveries: this.client.events.map(({ data, id }) => ({ number: Number(data), id })),
      gaps: this.gaps(),
    };
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private look(): void {
    const { events } = this.client;
    for (; this.taken < events.length; this.taken += 1) {
      this.seen.add(Number(events[this.taken]?.data));
    }
  }

  private isExcused(publication: Publication): boolean {
    return this.client.gaps.length > 0 && this.gaps().some((gap) => excuses(gap, publication));
  }

  private gaps(): ToldGap[] {
    return this.client.controls.filter(({ type }) => type === 'sse:gap').map(toldGap);
  }
}

function toldGap({ data, id: cursor, receivedAt: at }: StreamEvent): ToldGap {
  return { ...(JSON.parse(data) as GapData), cursor, at };
}
