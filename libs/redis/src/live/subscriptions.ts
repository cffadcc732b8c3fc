import {
  type BrokerSink,
  type Cancel,
  type Clock,
  type InterruptionListener,
  SseError,
  type Unsubscribe,
} from '@nestcast/hub';
import { refusal } from '../connection/redis-errors.js';
import type { RedisPort } from '../connection/redis-port.js';
import type { LogKeys } from '../log/log-keys.js';
import type { LogLife } from '../log/log-life.js';
import type { Mark, Marks, SentMark } from './marks.js';
import { type Listener, Subscription } from './subscription.js';

export interface SubscriptionsSettings {
  readonly port: Pick<RedisPort, 'subscribe' | 'unsubscribe'>;
  readonly life: Pick<LogLife, 'ready'>;
  readonly keys: LogKeys;
  readonly marks: Pick<Marks, 'carrier' | 'send'>;
  readonly clock: Clock;
  /** How long a subscription may take; milliseconds. */
  readonly timeoutMs: number;
  /** Called before channels become live, whose events come from this mark on. */
  readonly onJoin: (mark: Mark) => void;
  /** Reports what goes wrong where nobody waits for it. */
  readonly onError: (error: unknown, what: string) => void;
}

interface Joining {
  readonly subscription: Subscription;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Channels that Redis has confirmed, and whose place in the order of events a mark is going to tell. */
interface Batch {
  readonly joining: readonly Joining[];
  cancelTimeout: Cancel;
  /** More than one where one may have been lost with its connection. */
  readonly marks: SentMark[];
}

/**
 * The channels that somebody listens to on this node, subscribed to only while there is one. All joins and leaves of a turn
 * go to Redis together, as do those that come up while it answers.
 */
export class Subscriptions {
  private readonly byChannel = new Map<string, Subscription>();
  private joining: Joining[] = [];
  private leaving = new Set<string>();
  /** Batches that wait for their mark. */
  private readonly marking = new Set<Batch>();
  /** Whether this node's own channels are subscribed to: for marks, and for new epochs. */
  private listensItself = false;
  /** Ends when all changes are with Redis; `undefined`: there are none. */
  private changes: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly settings: SubscriptionsSettings) {}

  /** The one of a channel whose events Redis is known to send. */
  live(channel: string): (Subscription & { last: number }) | undefined {
    const subscription = this.byChannel.get(channel);
    return subscription?.last === undefined ? undefined : (subscription as Subscription & { last: number });
  }

  /** Whether any channel is {@link live}. */
  get anyLive(): boolean {
    for (const { last } of this.byChannel.values()) {
      if (last !== undefined) {
        return true;
      }
    }
    return false;
  }

  /** The channels that are {@link live}. */
  get channels(): string[] {
    return [...this.byChannel.values()]
      .filter(({ last }) => last !== undefined)
      .map(({ channel }) => channel);
  }

  /** @see Broker.subscribe */
  async subscribe(
    channel: string,
    sink: BrokerSink,
    onInterruption: InterruptionListener | undefined,
  ): Promise<Unsubscribe> {
    const subscription = this.byChannel.get(channel) ?? this.begin(channel);
    // An object of its own, so that the same function subscribed twice is called twice.
    const listener: Listener = { sink, onInterruption };
    subscription.listeners.add(listener);
    await subscription.joined;
    return () => this.leave(subscription, listener);
  }

  /** The subscribing connection is there again: marks may have been lost with the one before. */
  listening(): void {
    this.marking.forEach((batch) => this.mark(batch));
  }

  close(): void {
    this.closed = true;
    this.marking.forEach((batch) => this.fail(batch, closedError()));
    this.fail(batchOf(this.joining), closedError());
    this.byChannel.clear();
  }

  private begin(channel: string): Subscription {
    let settle: Omit<Joining, 'subscription'> | undefined;
    const joined = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    });
    const subscription = new Subscription(channel, joined);
    this.byChannel.set(channel, subscription);
    if (settle) {
      this.joining.push({ subscription, ...settle });
    }
    void this.changed();
    return subscription;
  }

  private async leave(subscription: Subscription, listener: Listener): Promise<void> {
    const { channel, listeners } = subscription;
    listeners.delete(listener);
    if (listeners.size > 0 || this.byChannel.get(channel) !== subscription) {
      return;
    }
    this.byChannel.delete(channel);
    this.leaving.add(channel);
    await this.changed();
  }

  private changed(): Promise<void> {
    this.changes ??= this.apply();
    return this.changes;
  }

  private async apply(): Promise<void> {
    // What else comes up in this turn goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.closed && (this.joining.length > 0 || this.leaving.size > 0)) {
      const { joining, leaving } = this;
      this.joining = [];
      this.leaving = new Set();
      await this.unsubscribe([...leaving].filter((channel) => !this.byChannel.has(channel)));
      if (joining.length > 0) {
        await this.join(batchOf(joining));
      }
    }
    this.changes = undefined;
  }

  private async unsubscribe(channels: readonly string[]): Promise<void> {
    const carriers = channels.map((channel) => this.settings.keys.carrier(channel));
    if (this.byChannel.size === 0 && this.listensItself) {
      this.listensItself = false;
      carriers.push(...this.ownCarriers);
    }
    if (carriers.length > 0) {
      await this.settings.port
        .unsubscribe(carriers)
        .catch((error: unknown) => this.settings.onError(error, 'unsubscribing from channels at Redis'));
    }
  }

  private async join(batch: Batch): Promise<void> {
    const { port, life, keys, clock, timeoutMs } = this.settings;
    const carriers = batch.joining.map(({ subscription }) => keys.carrier(subscription.channel));
    const own = this.listensItself ? [] : this.ownCarriers;
    try {
      await life.ready();
      await port.subscribe([...own, ...carriers]);
    } catch (error) {
      this.fail(batch, error);
      return;
    }
    if (this.closed) {
      this.fail(batch, closedError());
      return;
    }
    this.listensItself = true;
    this.marking.add(batch);
    batch.cancelTimeout = clock.schedule(timeoutMs, () => this.fail(batch, noMark(timeoutMs)));
    this.mark(batch);
  }

  private mark(batch: Batch): void {
    this.settings.marks
      .send((mark) => this.joined(batch, mark))
      .then((sent) => this.expect(batch, sent))
      .catch((error: unknown) => this.fail(batch, error));
  }

  private expect(batch: Batch, sent: SentMark): void {
    if (this.marking.has(batch)) {
      batch.marks.push(sent);
    } else {
      sent.giveUp();
    }
  }

  private joined(batch: Batch, mark: Mark): void {
    if (!this.marking.delete(batch)) {
      return;
    }
    letGo(batch);
    this.settings.onJoin(mark);
    for (const { subscription, resolve } of batch.joining) {
      subscription.last = mark.place;
      resolve();
    }
  }

  private fail(batch: Batch, error: unknown): void {
    this.marking.delete(batch);
    letGo(batch);
    for (const { subscription, reject } of batch.joining) {
      const { channel } = subscription;
      if (subscription.last === undefined && this.byChannel.get(channel) === subscription) {
        this.byChannel.delete(channel);
        // Also one that was refused: it may be subscribed to since before, by one that has ended in the same turn.
        this.leaving.add(channel);
      }
      reject(refusal(error));
    }
    if (this.leaving.size > 0 && !this.closed) {
      void this.changed();
    }
  }

  private get ownCarriers(): string[] {
    return [this.settings.marks.carrier, this.settings.keys.epochs];
  }
}

function batchOf(joining: readonly Joining[]): Batch {
  return { joining, cancelTimeout: () => undefined, marks: [] };
}

function letGo({ cancelTimeout, marks }: Batch): void {
  cancelTimeout();
  marks.forEach((mark) => mark.giveUp());
}

function closedError(): SseError {
  return new SseError('BROKER_CLOSED', 'The broker has been closed.');
}

function noMark(timeoutMs: number): SseError {
  return new SseError(
    'BROKER_UNAVAILABLE',
    `Redis has confirmed a subscription, but not sent anything over it within ${timeoutMs} ms.`,
  );
}
