import { Observable, Subject } from 'rxjs';
import type { Broker, Interruption, Unsubscribe } from './broker/broker.js';
import type { Batch } from './delivery/batch.js';
import type { CoalescingWindow } from './delivery/coalescing-window.js';
import type { BrokerEvent } from './event.js';
import { SseError } from './sse-error.js';

/** A connection's end of its channels. */
export interface ChannelReader {
  readonly channels: ReadonlyMap<string, LiveChannel>;
  /** @param now milliseconds since the Unix epoch */
  deliver(batch: Batch, now: number): void;
  /** @param lostAfter after which place events may be lost to those who have gone past it */
  interrupt(channel: string, lostAfter: number | undefined): void;
}

/** What a live channel needs of its hub. */
export interface LiveChannelContext {
  readonly broker: Broker;
  readonly fanOut: { enqueue(channel: LiveChannel, event: BrokerEvent): void };
  readonly recent: { append(event: BrokerEvent): void };
  /** Told of each sign of life of the broker. */
  readonly replays: { stir(): void };
  /** Reports what nobody waits for. */
  readonly onError: (error: unknown, what: string) => void;
  /** Whether anybody listens here has changed. */
  readonly onListening: (channel: LiveChannel, listening: boolean) => void;
  /** A listener misses nothing from here on: sources attached to the channel may begin. */
  readonly onBegin: (channel: LiveChannel) => void;
}

const NONE: readonly BrokerEvent[] = [];

/** A channel that somebody listens to on this node: who they are, and the one subscription to the broker for all. */
export class LiveChannel {
  readonly readers = new Set<ChannelReader>();
  /** Events of the present turn, or of the {@link window}, that wait for the fan-out. */
  pending: readonly BrokerEvent[] = NONE;
  /** The place after which this node has had every event of the channel; Infinity: not known. */
  knownSince = Infinity;
  /** How often events may have been missed on the way to this node. */
  interruptions = 0;
  /** Whether the last numbered event that came in was final. */
  ended = false;
  /** What the pending events wait for; `undefined`: the next turn. */
  window: CoalescingWindow | undefined;

  private readonly subject = new Subject<BrokerEvent>();
  private listeners = 0;
  private subscription: Promise<Unsubscribe> | undefined;

  /** What the broker delivers, from the moment it is subscribed to; errors if the broker refuses. */
  readonly events$ = new Observable<BrokerEvent>((subscriber) => {
    this.listen().then(
      () => this.begin(),
      (error: unknown) => subscriber.error(error),
    );
    const subscription = this.subject.subscribe(subscriber);
    return () => {
      subscription.unsubscribe();
      this.unlisten();
    };
  });

  constructor(
    readonly name: string,
    private readonly context: LiveChannelContext,
    /** How long events may wait for others; milliseconds, 0 for the next turn. */
    readonly coalesceMs = 0,
  ) {}

  /** Whether a connection or a subscriber of {@link events$} listens on this node. */
  get listening(): boolean {
    return this.listeners > 0;
  }

  /**
   * Resolves once the broker sends events to this node. Each call wants an {@link unlisten}, also a rejected one.
   */
  async listen(): Promise<void> {
    this.listeners += 1;
    if (this.listeners === 1) {
      this.context.onListening(this, true);
    }
    this.subscription ??= this.context.broker.subscribe(
      this.name,
      (event) => this.receive(event),
      (interruption) => this.interrupted(interruption),
    );
    const subscription = this.subscription;
    try {
      await subscription;
    } catch (error) {
      // The next one to listen tries again.
      if (this.subscription === subscription) {
        this.subscription = undefined;
      }
      throw error;
    }
  }

  /** Makes an event pending. */
  add(event: BrokerEvent): void {
    if (this.pending.length === 0) {
      // Most are alone, and a push into an empty array makes room for seventeen.
      this.pending = [event];
    } else {
      (this.pending as BrokerEvent[]).push(event);
    }
  }

  /** Takes what is pending. */
  take(): readonly BrokerEvent[] {
    const { pending } = this;
    this.pending = NONE;
    return pending;
  }

  /** Notes that the log ended at the place `seq` when this node was subscribed already. */
  knowSince(seq: number): void {
    if (this.listening) {
      this.knownSince = Math.min(this.knownSince, seq);
    }
  }

  /** To be called when a listener knows its place in the log, for what the first one starts to come after it. */
  begin(): void {
    if (this.listening) {
      this.context.onBegin(this);
    }
  }

  unlisten(): void {
    this.listeners -= 1;
    if (this.listeners > 0) {
      return;
    }
    const subscription = this.subscription;
    this.subscription = undefined;
    this.knownSince = Infinity;
    subscription
      ?.then(
        (unsubscribe) => unsubscribe(),
        // The one who listened was told.
        () => undefined,
      )
      .catch((error: unknown) => this.context.onError(error, `unsubscribing from the channel ${this.name}`));
    this.context.onListening(this, false);
  }

  /** Ends {@link events$}. */
  complete(): void {
    this.subject.complete();
  }

  private receive(event: BrokerEvent): void {
    this.context.replays.stir();
    if (!event.ephemeral) {
      this.ended = event.final;
      this.context.recent.append(event);
    }
    if (this.readers.size > 0) {
      this.context.fanOut.enqueue(this, event);
    }
    if (this.subject.observed) {
      this.subject.next(event);
    }
  }

  private interrupted({ lostAfter }: Interruption): void {
    this.interruptions += 1;
    this.knownSince = Infinity;
    this.context.replays.stir();
    this.readers.forEach((reader) => reader.interrupt(this.name, lostAfter));
    if (this.subject.observed) {
      const message =
        'This node was cut off from the broker: what was published meanwhile is in the log only.';
      this.context.onError(
        new SseError('BROKER_UNAVAILABLE', message),
        `subscribers of events$ of the channel ${this.name}, which may have missed events`,
      );
    }
  }
}
