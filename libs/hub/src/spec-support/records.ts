import type { BrokerEvent, EventRecord } from '../event.js';

/** A record to publish: the text `x`, unless told otherwise. */
export function recordOf(partial: Partial<EventRecord> = {}): EventRecord {
  return {
    type: '',
    data: 'x',
    json: false,
    key: undefined,
    ephemeral: false,
    retryMs: undefined,
    final: false,
    ...partial,
  };
}

/** An event as a broker with the epoch `e` delivers it. */
export function brokerEvent(seq: number, partial: Partial<BrokerEvent> = {}): BrokerEvent {
  return { ...recordOf(), channel: 'a', id: partial.ephemeral ? '' : `e.${seq}`, seq, at: 0, ...partial };
}
