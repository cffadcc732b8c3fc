import type { Broker } from './broker/broker.js';
import { assertChannelName } from './channel-name.js';
import type { ChannelOptionsTable } from './channel-options.js';
import type { Clock } from './clock.js';
import { type EventId, type EventRecord, type SseEvent, toEventRecord } from './event.js';
import { EventBatchers } from './event-batchers.js';
import type { HubObserver } from './hub-observer.js';

/** What a publisher needs of its hub. */
export interface PublisherContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly channelOptions: ChannelOptionsTable;
  readonly observer: HubObserver | undefined;
  /** The broker has taken an event. */
  readonly onPublished: () => void;
}

/** An event's way to the broker: checked, observed, batched where its channel has batches. */
export class Publisher {
  readonly batchers: EventBatchers;

  constructor(private readonly context: PublisherContext) {
    this.batchers = new EventBatchers(context.channelOptions, {
      clock: context.clock,
      publish: (channel, record) => this.carry(channel, record),
    });
  }

  publish(name: string, event: SseEvent): Promise<EventId> {
    // Not `async`, which would be one more promise for each event.
    try {
      assertChannelName(name);
      return this.publishRecord(name, toEventRecord(event));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  publishRecord(name: string, record: EventRecord): Promise<EventId> {
    const { observer } = this.context;
    return observer
      ? observer.publishing(name, record, (observed) => this.batchers.publish(name, observed))
      : this.batchers.publish(name, record);
  }

  private async carry(name: string, record: EventRecord): Promise<EventId> {
    const id = await this.context.broker.publish(name, record);
    this.context.onPublished();
    return id;
  }
}
