import type {
  Broker,
  BrokerSink,
  InterruptionListener,
  Replay,
  ReplayStart,
  Unsubscribe,
} from '../broker/broker.js';
import type { EventId, EventRecord } from '../event.js';

/** A broker whose replays and subscriptions a spec can hold back or let fail; without that, just what it wraps. */
export class GatedBroker implements Broker {
  /** Every replay waits for {@link release}, before it is read and again before it arrives. */
  holdsReplays = false;
  /** What the next calls of a kind reject with. */
  failing: { subscribe?: Error; replay?: Error; publish?: Error } = {};
  replays = 0;
  /** Subscriptions that have not been ended. */
  subscriptions = 0;

  private gates: (() => void)[] = [];

  constructor(private readonly inner: Broker) {}

  get shared(): boolean {
    return this.inner.shared === true;
  }

  /** Lets the oldest replay that waits take a step; `false` if none waits. */
  release(): boolean {
    const open = this.gates.shift();
    open?.();
    return open !== undefined;
  }

  async publish(channel: string, event: EventRecord): Promise<EventId> {
    this.failIf(this.failing.publish);
    return this.inner.publish(channel, event);
  }

  async subscribe(
    channel: string,
    sink: BrokerSink,
    onInterruption?: InterruptionListener,
  ): Promise<Unsubscribe> {
    this.failIf(this.failing.subscribe);
    const unsubscribe = await this.inner.subscribe(channel, sink, onInterruption);
    this.subscriptions += 1;
    return async () => {
      this.subscriptions -= 1;
      await unsubscribe();
    };
  }

  async replay(channels: readonly string[], start: ReplayStart, limit: number): Promise<Replay> {
    this.replays += 1;
    this.failIf(this.failing.replay);
    await this.gate();
    const replay = await this.inner.replay(channels, start, limit);
    await this.gate();
    return replay;
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  private async gate(): Promise<void> {
    if (this.holdsReplays) {
      await new Promise<void>((resolve) => this.gates.push(resolve));
    }
  }

  private failIf(error: Error | undefined): void {
    if (error) {
      throw error;
    }
  }
}
