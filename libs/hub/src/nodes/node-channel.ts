import type { Broker, Interruption, Replay, ReplayStart } from '../broker/broker.js';
import type { Clock } from '../clock.js';
import type { BrokerEvent, EventId } from '../event.js';
import { SseError } from '../sse-error.js';
import { Patience } from '../patience.js';
import {
  NODES_CHANNEL,
  type NodeMessage,
  answersChannel,
  messageRecord,
  readMessage,
} from './node-message.js';

const PAGE = 256;
/** How long the broker may take to subscribe, or for a page; milliseconds. */
const PATIENCE_MS = 5_000;

export interface NodeChannelListener {
  /** A message, those of the log in its order and each once. */
  message(message: NodeMessage): void;
  /** The log had it before this node was there. */
  past(message: NodeMessage, at: number): void;
  /** Messages of the log are gone that this node has not had. */
  missed(): void;
  /** Reports what nobody waits for. */
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * Where the nodes speak to each other, as this one hears it. What is in the log reaches it however long it was cut off: it
 * has a cursor, as connections have.
 */
export class NodeChannel {
  private cursor: EventId | undefined;
  private seq = -1;
  /** The place of the newest message that was passed over while the log was read. */
  private passedThrough = 0;
  private reading: Promise<void> | undefined;
  private subscribed = false;
  /** Whether there may be something in the log that this node has not had. */
  private behind = true;
  private hasJoined = false;
  private readonly startedAt: number;
  private readonly patience: Patience;

  constructor(
    private readonly node: string,
    private readonly broker: Broker,
    clock: Clock,
    private readonly listener: NodeChannelListener,
  ) {
    this.startedAt = clock.now();
    this.patience = new Patience(clock, PATIENCE_MS);
  }

  /** Whether it has begun to hear what is said. */
  get joined(): boolean {
    return this.hasJoined;
  }

  /** Whether it has had all that the log has, as far as it knows. */
  get upToDate(): boolean {
    return !this.behind;
  }

  /** @throws what the broker does */
  async say(message: NodeMessage, channel = NODES_CHANNEL): Promise<void> {
    await this.broker.publish(channel, messageRecord(message));
  }

  /**
   * Reads what it has not had, and subscribes before if it has not yet. A second call waits for the first.
   *
   * @throws what the broker does
   */
  catchUp(): Promise<void> {
    this.behind = true;
    this.reading ??= this.read();
    return this.reading;
  }

  /** Waits for the broker no longer. */
  end(): void {
    this.patience.end();
  }

  private async read(): Promise<void> {
    try {
      await this.patience.of(this.subscribe());
      let more = true;
      while (more) {
        this.passedThrough = 0;
        const start: ReplayStart = this.cursor === undefined ? 'start' : { after: this.cursor };
        const page = await this.patience.of(this.broker.replay([NODES_CHANNEL], start, PAGE));
        this.take(page, start === 'start');
        more = page.more || this.passedThrough > this.seq;
      }
      // No await since the look at what was passed over: no message can fall in between.
      this.behind = false;
      this.hasJoined = true;
    } finally {
      this.reading = undefined;
    }
  }

  private take(page: Replay, fromStart: boolean): void {
    if (page.gap && !fromStart) {
      this.listener.missed();
    }
    for (const event of page.events) {
      this.hear(event, !this.hasJoined && event.at < this.startedAt);
    }
    this.cursor = page.cursor;
    this.seq = page.seq;
  }

  private async subscribe(): Promise<void> {
    if (!this.subscribed) {
      const unsubscribe = await this.broker.subscribe(
        answersChannel(this.node),
        (event) => this.hear(event, false),
        // An answer that is missing is not waited for.
        () => undefined,
      );
      try {
        await this.broker.subscribe(
          NODES_CHANNEL,
          (event) => this.receive(event),
          (interruption) => this.interrupted(interruption),
        );
      } catch (error) {
        await unsubscribe();
        throw error;
      }
      this.subscribed = true;
    }
  }

  private receive(event: BrokerEvent): void {
    if (event.ephemeral) {
      this.hear(event, false);
    } else if (this.behind) {
      this.passedThrough = Math.max(this.passedThrough, event.seq);
      this.catchUpSoon();
    } else if (event.seq > this.seq) {
      this.seq = event.seq;
      this.cursor = event.id;
      this.hear(event, false);
    }
  }

  private interrupted({ lostAfter = Infinity }: Interruption): void {
    if (this.seq > lostAfter) {
      this.listener.missed();
    }
    this.passedThrough = Infinity;
    this.catchUpSoon();
  }

  private catchUpSoon(): void {
    this.catchUp().catch((error: unknown) => {
      // Away, or closed: with the next sign of life it is tried again.
      if (!(error instanceof SseError)) {
        this.listener.onError(error, 'reading what other nodes have said');
      }
    });
  }

  /** A sink must not throw. */
  private hear(event: BrokerEvent, isPast: boolean): void {
    try {
      const message = readMessage(event);
      if (message && isPast) {
        this.listener.past(message, event.at);
      } else if (message) {
        this.listener.message(message);
      }
    } catch (error) {
      this.listener.onError(error, 'a message of another node');
    }
  }
}
