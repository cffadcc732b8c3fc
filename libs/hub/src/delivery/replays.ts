import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Broker, Replay, ReplayStart } from '../broker/broker.js';
import type { Cancel, Clock } from '../clock.js';
import type { EventId } from '../event.js';
import type { LiveChannel } from '../live-channel.js';
import { inThisContext } from '../own-context.js';
import { Patience } from '../patience.js';
import { SseError } from '../sse-error.js';
import type { RecentEvents } from './recent-events.js';

const PAGE = 256;
/** How many replays for connections that catch up are at the broker at once. */
const AT_ONCE = 32;
/** How many of those who share an answer get it in one turn of the event loop. */
const SHARERS_A_TURN = 64;
/** How long a broker may take for one of them; milliseconds. */
const PATIENCE_MS = 5_000;
/** Between two attempts while the broker is away: at first, twice that each time, and at most; milliseconds. */
const RETRY_MS = { first: 250, most: 4_000 };

/** Whoever reads on from a place. */
export interface ReplayReader {
  readonly channels: ReadonlyMap<string, LiveChannel>;
  /** Nothing is read for one that has closed meanwhile. */
  readonly closed: boolean;
}

interface Sharer {
  readonly reader: ReplayReader;
  readonly resolve: (page: Replay) => void;
  readonly reject: (error: unknown) => void;
}

/** One question to the broker, and all who have asked it. */
interface Question {
  readonly channels: readonly LiveChannel[];
  readonly after: EventId;
  sharers: Sharer[];
}

/**
 * The log, as the connections of this node read it. When a node has been cut off, thousands of them want the same pages
 * in the same turn: who asks the same shares one answer, and only so many questions are under way. While the broker is
 * away nobody's stream fails: the questions wait, and one of them is tried from time to time.
 */
export class Replays {
  /** Not asked yet, by what they ask; the oldest first. */
  private readonly waiting = new Map<string, Question>();
  private underWay = 0;
  /** Attempts in a row that have found the broker away. */
  private failures = 0;
  private cancelRetry: Cancel | undefined;
  private due = false;
  private closed = false;
  private readonly patience: Patience;
  /** In nobody's async context: one question is of many. */
  private readonly askInOwnContext = inThisContext(() => this.ask());

  constructor(
    private readonly broker: Broker,
    private readonly clock: Clock,
    private readonly recent: RecentEvents,
  ) {
    this.patience = new Patience(clock, PATIENCE_MS);
  }

  /**
   * Reads a page at once.
   *
   * @throws what the broker does
   */
  async begin(channels: Iterable<LiveChannel>, start: ReplayStart): Promise<Replay> {
    const asked = [...channels];
    const before = interruptionsOf(asked);
    const names = asked.map(({ name }) => name);
    const page = await this.broker.replay(names, start, PAGE);
    if (!page.more && interruptionsOf(asked) === before) {
      // They were subscribed to before: whatever comes after the log's present end comes to this node.
      asked.forEach((channel) => channel.knowSince(page.seq));
    }
    return page;
  }

  /**
   * Reads the next page after a place, from what this node has had of late if that will do; waits for a broker that is away.
   * For a reader that has closed it never resolves.
   *
   * @throws what the broker does, other than `BROKER_UNAVAILABLE`
   */
  async goOn(reader: ReplayReader, after: EventId, seq: number): Promise<Replay> {
    return this.recent.replay(reader.channels, after, seq, PAGE) ?? this.question(reader, after);
  }

  /** The broker has given a sign of life: if it was away it is asked at once. */
  stir(): void {
    if (this.failures > 0) {
      this.cancelRetry?.();
      this.cancelRetry = undefined;
      this.askSoon();
    }
  }

  /** Asks nothing any more. */
  close(): void {
    this.closed = true;
    this.cancelRetry?.();
    this.patience.end();
    this.waiting.clear();
  }

  private question(reader: ReplayReader, after: EventId): Promise<Replay> {
    return new Promise((resolve, reject) => {
      const key = keyOf(reader.channels.keys(), after);
      const question = this.waiting.get(key) ?? {
        channels: [...reader.channels.values()],
        after,
        sharers: [],
      };
      question.sharers.push({ reader, resolve, reject });
      this.waiting.set(key, question);
      this.askSoon();
    });
  }

  /** When all of this turn have told what they want. */
  private askSoon(): void {
    if (!this.due) {
      this.due = true;
      queueMicrotask(this.askInOwnContext);
    }
  }

  private ask(): void {
    this.due = false;
    const atOnce = this.failures > 0 ? 1 : AT_ONCE;
    while (this.underWay < atOnce && this.cancelRetry === undefined) {
      const question = this.next();
      if (!question) {
        return;
      }
      this.underWay += 1;
      void this.answer(question);
    }
  }

  private next(): Question | undefined {
    for (const [key, question] of this.waiting) {
      this.waiting.delete(key);
      if (question.sharers.some(({ reader }) => !reader.closed)) {
        return question;
      }
    }
    return undefined;
  }

  private async answer(question: Question): Promise<void> {
    try {
      const page = await this.patience.of(this.begin(question.channels, { after: question.after }));
      this.failures = 0;
      this.over();
      await share(question.sharers, page);
    } catch (error) {
      if (error instanceof SseError && error.code === 'BROKER_UNAVAILABLE') {
        this.putBack(question);
        this.waitForBroker();
      } else {
        question.sharers.forEach(({ reject }) => reject(error));
      }
      this.over();
    }
  }

  private over(): void {
    this.underWay -= 1;
    this.askSoon();
  }

  private putBack({ channels, after, sharers }: Question): void {
    const key = keyOf(
      channels.map(({ name }) => name),
      after,
    );
    const question = this.waiting.get(key);
    if (question) {
      question.sharers.push(...sharers);
    } else if (!this.closed) {
      this.waiting.set(key, { channels, after, sharers });
    }
  }

  private waitForBroker(): void {
    if (this.cancelRetry || this.closed) {
      return;
    }
    const ms = Math.min(RETRY_MS.first * 2 ** this.failures, RETRY_MS.most);
    this.failures += 1;
    this.cancelRetry = this.clock.schedule(ms, () => {
      this.cancelRetry = undefined;
      this.forgetClosed();
      this.ask();
    });
  }

  /** What an outage keeps waiting is at most what was open when it began. */
  private forgetClosed(): void {
    for (const [key, question] of this.waiting) {
      question.sharers = question.sharers.filter(({ reader }) => !reader.closed);
      if (question.sharers.length === 0) {
        this.waiting.delete(key);
      }
    }
  }
}

/** Each of them writes to its client: they take turns, for the event loop to have its own. */
async function share(sharers: readonly Sharer[], page: Replay): Promise<void> {
  for (const [index, { resolve }] of sharers.entries()) {
    if (index > 0 && index % SHARERS_A_TURN === 0) {
      await nextTurn();
    }
    resolve(page);
  }
}

/** No name has a line break. */
function keyOf(names: Iterable<string>, after: EventId): string {
  return [after, ...names].join('\n');
}

function interruptionsOf(channels: readonly LiveChannel[]): number {
  return channels.reduce((sum, { interruptions }) => sum + interruptions, 0);
}
