import { describe, expect, it } from '@jest/globals';
import type { EventRecord } from '@nestcast/hub';
import * as fc from 'fast-check';
import { decodeEntry, decodeMessage, encodeRecord } from './record-codec.js';

const text = fc.string({ unit: 'binary' });
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const records: fc.Arbitrary<EventRecord> = fc.record({
  type: text,
  data: optional(text),
  json: fc.boolean(),
  key: optional(text),
  ephemeral: fc.constant(false),
  retryMs: optional(fc.nat()),
  final: fc.boolean(),
  trace: optional(text),
});
const places = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const epochs = fc.stringMatching(/^[0-9a-z]{1,32}$/);

describe('the codec of records', () => {
  it('keeps every field, stored and carried (property)', () => {
    fc.assert(
      fc.property(records, epochs, places, places, (record, epoch, place, before) => {
        const entry = `${before} ${epoch} ${encodeRecord(record)}`;
        const expected = {
          epoch,
          place,
          before,
          event: {
            ...record,
            channel: 'news',
            id: `${epoch}.${place}`,
            seq: place,
            at: Math.floor(place / 1_000),
          },
        };
        expect(decodeEntry('news', place, entry)).toEqual(expected);
        expect(decodeMessage('news', `${place} ${entry}`)).toEqual(expected);
      }),
    );
  });

  it('keeps ephemeral events, which have a time instead of a predecessor (property)', () => {
    fc.assert(
      fc.property(records, epochs, places, places, (record, epoch, place, at) => {
        const { event } = decodeMessage('news', `${place} ~${at} ${epoch} ${encodeRecord(record)}`);
        expect(event).toEqual({ ...record, ephemeral: true, channel: 'news', id: '', seq: place, at });
      }),
    );
  });

  it('adds little to the data', () => {
    const record = { type: 'x', json: true, data: '{"a":1}', key: undefined } as EventRecord;
    expect(encodeRecord(record)).toBe('["x",3]\n{"a":1}');
  });
});
