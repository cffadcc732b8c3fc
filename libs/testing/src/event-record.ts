import type { EventRecord } from '@nestcast/hub';

/** A record to publish at a broker: the text `text`, without a type, unless told otherwise. */
export function eventRecord(partial: Partial<EventRecord> = {}): EventRecord {
  return {
    type: '',
    data: 'text',
    json: false,
    key: undefined,
    ephemeral: false,
    retryMs: undefined,
    final: false,
    trace: undefined,
    ...partial,
  };
}
