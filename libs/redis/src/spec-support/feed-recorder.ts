import { EventEmitter } from 'node:events';
import type { Broker, BrokerEvent, Interruption } from '@nestcast/hub';

/** Keeps what a broker gives one that listens: events and interruptions, in their order. */
export class FeedRecorder {
  readonly events: BrokerEvent[] = [];
  readonly interruptions: Interruption[] = [];
  /** The data of events, and `!` for each interruption. */
  readonly heard: (string | undefined)[] = [];
  private readonly news = new EventEmitter().setMaxListeners(0);

  static async of(broker: Broker, ...channels: readonly string[]): Promise<FeedRecorder> {
    const recorder = new FeedRecorder();
    await Promise.all(channels.map((channel) => recorder.listenTo(broker, channel)));
    return recorder;
  }

  async listenTo(broker: Broker, channel: string): Promise<() => Promise<void>> {
    return broker.subscribe(
      channel,
      (event) => {
        this.events.push(event);
        this.tell(event.data);
      },
      (interruption) => {
        this.interruptions.push(interruption);
        this.tell('!');
      },
    );
  }

  get ids(): string[] {
    return this.events.map(({ id }) => id);
  }

  /** Resolves when it has heard `what`. */
  async until(what: string): Promise<void> {
    while (!this.heard.includes(what)) {
      await new Promise<void>((resolve) => this.news.once('heard', resolve));
    }
  }

  private tell(what: string | undefined): void {
    this.heard.push(what);
    this.news.emit('heard');
  }
}
