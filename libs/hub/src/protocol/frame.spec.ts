import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readStream } from '../spec-support/stream-text.js';
import { commentFrame, eventFrame, idFrame, retryFrame } from './frame.js';

type Record = Parameters<typeof eventFrame>[0];

const record = (partial: Partial<Record> = {}): Record => ({
  type: '',
  data: 'x',
  retryMs: undefined,
  final: false,
  ...partial,
});

interface Vector {
  readonly record: Partial<Record>;
  readonly id?: string;
  readonly bytes: string;
  /** What a client makes of it: type, data and id; `undefined`: nothing is dispatched. */
  readonly read: readonly [type: string, data: string, id: string | undefined] | undefined;
}

const VECTORS: { readonly [name: string]: Vector } = {
  'data alone': { record: {}, bytes: 'data: x\n\n', read: ['message', 'x', undefined] },
  'all fields': {
    record: { type: 'note', data: '{"a":1}', retryMs: 2500 },
    id: 'e1.7',
    bytes: 'event: note\nid: e1.7\nretry: 2500\ndata: {"a":1}\n\n',
    read: ['note', '{"a":1}', 'e1.7'],
  },
  'empty data': { record: { data: '' }, bytes: 'data: \n\n', read: ['message', '', undefined] },
  'no data': { record: { data: undefined }, bytes: 'data: \n\n', read: ['message', '', undefined] },
  'a retry of 0': {
    record: { retryMs: 0 },
    bytes: 'retry: 0\ndata: x\n\n',
    read: ['message', 'x', undefined],
  },
  LF: { record: { data: 'a\nb' }, bytes: 'data: a\ndata: b\n\n', read: ['message', 'a\nb', undefined] },
  CR: { record: { data: 'a\rb' }, bytes: 'data: a\ndata: b\n\n', read: ['message', 'a\nb', undefined] },
  CRLF: { record: { data: 'a\r\nb' }, bytes: 'data: a\ndata: b\n\n', read: ['message', 'a\nb', undefined] },
  'CR LF CR': {
    record: { data: '\r\n\r' },
    bytes: 'data: \ndata: \ndata: \n\n',
    read: ['message', '\n\n', undefined],
  },
  'LF CR is two': {
    record: { data: 'a\n\rb' },
    bytes: 'data: a\ndata: \ndata: b\n\n',
    read: ['message', 'a\n\nb', undefined],
  },
  'a blank line within': {
    record: { data: 'a\n\nb' },
    bytes: 'data: a\ndata: \ndata: b\n\n',
    read: ['message', 'a\n\nb', undefined],
  },
  'leading spaces': { record: { data: '  x' }, bytes: 'data:   x\n\n', read: ['message', '  x', undefined] },
  'a leading space in the type': {
    record: { type: ' t' },
    bytes: 'event:  t\ndata: x\n\n',
    read: [' t', 'x', undefined],
  },
  'a colon first': { record: { data: ':x' }, bytes: 'data: :x\n\n', read: ['message', ':x', undefined] },
  'what looks like a field': {
    record: { data: 'id: 9\ndata: y' },
    bytes: 'data: id: 9\ndata: data: y\n\n',
    read: ['message', 'id: 9\ndata: y', undefined],
  },
  'a byte order mark': {
    record: { data: '\uFEFFx' },
    bytes: 'data: \uFEFFx\n\n',
    read: ['message', '\uFEFFx', undefined],
  },
  NUL: { record: { data: 'a\0b' }, bytes: 'data: a\0b\n\n', read: ['message', 'a\0b', undefined] },
  'other separators, which end no line': {
    record: { data: 'a\u2028b\u0085c\vd' },
    bytes: 'data: a\u2028b\u0085c\vd\n\n',
    read: ['message', 'a\u2028b\u0085c\vd', undefined],
  },
  'the end of a channel': {
    record: { type: 'ignored', data: 'ignored', final: true },
    id: 'e1.8',
    bytes: 'id: e1.8\n\n',
    read: undefined,
  },
};

describe('eventFrame', () => {
  for (const [name, { record: partial, id = '', bytes, read }] of Object.entries(VECTORS)) {
    it(`writes ${name}`, () => {
      expect(eventFrame(record(partial), id)).toBe(bytes);
    });

    it(`is read back: ${name}`, () => {
      const { events, errors } = readStream(eventFrame(record(partial), id));
      expect(events.map((event) => [event.type, event.data, event.id])).toEqual(read ? [read] : []);
      expect(errors).toEqual([]);
    });
  }

  it('writes lone surrogates as U+FFFD, and what follows them unhurt', () => {
    const bytes = Buffer.from(eventFrame(record({ data: 'a\uD800b\uDC00c' }), ''));
    expect(readStream(bytes.toString()).events[0]?.data).toBe('a\uFFFDb\uFFFDc');
  });

  const text = fc.string({ unit: fc.oneof(fc.constantFrom('\n', '\r', '\r\n', ':', ' ', '\0'), unicode()) });
  const line = fc.string({ unit: unicode() }).map((each) => each.replaceAll(/[\r\n\0]/g, ''));

  it('is read back as it was, line breaks made LF (property)', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ type: line, id: line, data: text, retryMs: fc.option(fc.nat(), { nil: undefined }) }),
        ),
        (events) => {
          const frames = events.map(({ id, ...each }) => eventFrame(record(each), id));
          const { events: read, errors } = readStream(frames.join(''));
          expect(errors).toEqual([]);
          expect(read.map(({ type, data, id }) => ({ type, data, id }))).toEqual(
            events.map(({ type, data, id }) => ({
              type: type || 'message',
              data: data.replaceAll(/\r\n?/g, '\n'),
              id: id || undefined,
            })),
          );
        },
      ),
    );
  });

  it('has no CR, and a blank line at its end only (property)', () => {
    fc.assert(
      fc.property(line, line, text, (type, id, data) => {
        const frame = eventFrame(record({ type, data }), id);
        expect(frame).not.toContain('\r');
        expect(frame.indexOf('\n\n')).toBe(frame.length - 2);
      }),
    );
  });
});

describe('other frames', () => {
  it('dispatch nothing', () => {
    const { events, comments, retries } = readStream(retryFrame(3000) + commentFrame('hi') + idFrame('e1.9'));
    expect({ events, comments, retries }).toEqual({ events: [], comments: ['hi'], retries: [3000] });
  });

  it('are these bytes', () => {
    expect([retryFrame(0), commentFrame('heartbeat'), idFrame('e1.9')]).toEqual([
      'retry: 0\n\n',
      ': heartbeat\n\n',
      'id: e1.9\n\n',
    ]);
  });

  it('move the id for the event that follows', () => {
    expect(readStream(`${idFrame('e1.9')}${eventFrame(record(), '')}`).events).toHaveLength(1);
  });
});

/** One character of any plane, no surrogate. */
function unicode(): fc.Arbitrary<string> {
  return fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 });
}
