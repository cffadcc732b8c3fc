import type { BrokerEvent } from '../../event.js';
import type { Broker, Unsubscribe } from '../broker.js';

interface Feed {
  active: boolean;
  readonly subscription: Promise<Unsubscribe>;
}

/** The channels that a node is given the events of. */
export class ChannelFeeds {
  private readonly feeds = new Map<string, Feed>();

  constructor(private readonly onEvent: (event: BrokerEvent) => void) {}

  /** Harmless for one that it has already. */
  add(broker: Broker, channel: string): void {
    if (this.feeds.has(channel)) {
      return;
    }
    const sink = (event: BrokerEvent): void => {
      // A channel that is taken out and in again at once has two subscriptions for a moment.
      if (feed.active) {
        this.onEvent(event);
      }
    };
    const feed: Feed = { active: true, subscription: broker.subscribe(channel, sink) };
    this.feeds.set(channel, feed);
  }

  remove(channel: string): void {
    const feed = this.feeds.get(channel);
    if (feed) {
      this.feeds.delete(channel);
      feed.active = false;
      // The log is in this process: it refuses no subscription, nor its end.
      void feed.subscription.then((unsubscribe) => unsubscribe());
    }
  }

  close(): void {
    [...this.feeds.keys()].forEach((channel) => this.remove(channel));
  }
}
