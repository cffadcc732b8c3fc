import type { BrokerEvent, EventId, EventRecord } from './event.js';

/** Sees what a hub does, for metrics and traces. Nothing of it is called for every connection and event. */
export interface HubObserver {
  /**
   * Around an event's way to the broker.
   *
   * @param carry takes the event there: to be called once, with the record or with one that has its `trace`
   */
  publishing(
    channel: string,
    record: EventRecord,
    carry: (record: EventRecord) => Promise<EventId>,
  ): Promise<EventId>;

  /**
   * Events of one channel have been written to all connections of this node that were live, in one flush.
   *
   * @param beganAt when the flush began, and `endedAt` when the last had been written to; milliseconds since the Unix epoch
   */
  flushed(channel: string, events: readonly BrokerEvent[], beganAt: number, endedAt: number): void;
}
