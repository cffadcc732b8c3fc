import type {
  Broker,
  BrokerSink,
  InterruptionListener,
  Replay,
  ReplayStart,
  Unsubscribe,
} from '../broker/broker.js';
import type { BrokerEvent, EventId, EventRecord } from '../event.js';
import { SseError } from '../sse-error.js';

interface Subscription {
  readonly sink: BrokerSink;
  readonly onInterruption: InterruptionListener | undefined;
  /** The place before the first event that was lost while others went on. */
  lostAfter: number | undefined;
  cut: boolean;
}

/**
 * A node's door to a log that others use too, over a network that a spec can cut: what the log has may not reach the node's
 * sinks, which are told so afterwards; or the node can ask it nothing.
 */
export class FaultyBroker implements Broker {
  /** Whatever is asked rejects. */
  away = false;
  /** Nothing is answered. */
  mute = false;
  /** Whether nothing reaches the sinks; they are told when it is over. */
  private isCut = false;
  /** Channels whose events get lost on the way, one by one. */
  private readonly losing = new Set<string>();
  private readonly subscriptions = new Set<Subscription>();
  /** What was lost on the way. */
  readonly lost: BrokerEvent[] = [];

  constructor(
    private readonly log: Broker,
    /** Whether other nodes use the log. */
    readonly shared = false,
  ) {}

  cut(): void {
    this.isCut = true;
  }

  /** Events arrive again; the sinks hear first that some may have been missed. */
  mend(): void {
    this.isCut = false;
    for (const subscription of this.subscriptions) {
      if (subscription.cut) {
        subscription.cut = false;
        subscription.onInterruption?.({});
      }
    }
  }

  lose(channel: string): void {
    this.losing.add(channel);
  }

  /** Loses nothing more, and finds out what has been lost. */
  find(): void {
    this.losing.clear();
    for (const subscription of this.subscriptions) {
      const { lostAfter } = subscription;
      subscription.lostAfter = undefined;
      if (lostAfter !== undefined) {
        subscription.onInterruption?.({ lostAfter });
      }
    }
  }

  async publish(channel: string, event: EventRecord): Promise<EventId> {
    await this.reach();
    return this.log.publish(channel, event);
  }

  async subscribe(
    channel: string,
    sink: BrokerSink,
    onInterruption?: InterruptionListener,
  ): Promise<Unsubscribe> {
    await this.reach();
    const subscription: Subscription = { sink, onInterruption, lostAfter: undefined, cut: this.isCut };
    const unsubscribe = await this.log.subscribe(channel, (event) => this.carry(event, subscription));
    this.subscriptions.add(subscription);
    return async () => {
      this.subscriptions.delete(subscription);
      await unsubscribe();
    };
  }

  async replay(channels: readonly string[], start: ReplayStart, limit: number): Promise<Replay> {
    await this.reach();
    return this.log.replay(channels, start, limit);
  }

  async close(): Promise<void> {
    this.away = true;
    this.subscriptions.clear();
  }

  private carry(event: BrokerEvent, subscription: Subscription): void {
    if (this.isCut) {
      subscription.cut = true;
    } else if (this.losing.has(event.channel) && !event.ephemeral) {
      subscription.lostAfter ??= event.seq - 1;
      this.lost.push(event);
    } else {
      subscription.sink(event);
    }
  }

  private async reach(): Promise<void> {
    if (this.mute) {
      await new Promise(() => undefined);
    }
    if (this.away) {
      throw new SseError('BROKER_UNAVAILABLE', 'The network is cut.');
    }
  }
}
