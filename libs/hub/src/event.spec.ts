import { describe, expect, it } from '@jest/globals';
import { type SseEvent, toEventRecord, toPrivateRecord } from './event.js';
import { caught } from './spec-support/caught.js';
import type { SseErrorCode } from './sse-error.js';

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

/** What breaks a rule of the types, as JavaScript can. */
const wrong = (event: unknown): SseEvent => event as SseEvent;

interface Case {
  readonly event: unknown;
  readonly code: SseErrorCode;
  /** What the message must name. */
  readonly says: string;
}

const REFUSED_BY_ALL: { readonly [name: string]: Case } = {
  'CR in the type': { event: { type: 'a\rb' }, code: 'INVALID_EVENT_TYPE', says: String.raw`'a\rb'` },
  'LF in the type': { event: { type: 'a\nb' }, code: 'INVALID_EVENT_TYPE', says: String.raw`'a\nb'` },
  'NUL in the type': { event: { type: 'a\0b' }, code: 'INVALID_EVENT_TYPE', says: String.raw`'a\x00b'` },
  'a type that is no string': { event: { type: 5 }, code: 'INVALID_EVENT_TYPE', says: '5' },
  'the type error': { event: { type: 'error' }, code: 'INVALID_EVENT_TYPE', says: '"error"' },
  'the type open': { event: { type: 'open' }, code: 'INVALID_EVENT_TYPE', says: '"open"' },
  'a control type': { event: { type: 'sse:gap' }, code: 'INVALID_EVENT_TYPE', says: '"sse:gap"' },
  'a retry below 0': { event: { retryMs: -1 }, code: 'INVALID_RETRY', says: '-1' },
  'a retry of 1.5': { event: { retryMs: 1.5 }, code: 'INVALID_RETRY', says: '1.5' },
  'a retry of NaN': { event: { retryMs: Number.NaN }, code: 'INVALID_RETRY', says: 'NaN' },
  'a retry of Infinity': { event: { retryMs: Infinity }, code: 'INVALID_RETRY', says: 'Infinity' },
  'a retry that is a string': { event: { retryMs: '3' }, code: 'INVALID_RETRY', says: "'3'" },
  'a key that is no string': { event: { key: 7 }, code: 'INVALID_EVENT_KEY', says: '7' },
  'a BigInt': { event: { data: { n: 1n } }, code: 'INVALID_EVENT_DATA', says: 'BigInt' },
  'a cycle': { event: { data: cycle }, code: 'INVALID_EVENT_DATA', says: 'circular' },
  'a function': { event: { data: () => 1 }, code: 'INVALID_EVENT_DATA', says: 'Function' },
  'a symbol': { event: { data: Symbol('s') }, code: 'INVALID_EVENT_DATA', says: 'Symbol(s)' },
  'data whose toJSON throws': {
    event: {
      data: {
        toJSON: () => {
          throw new RangeError('no such thing');
        },
      },
    },
    code: 'INVALID_EVENT_DATA',
    says: 'no such thing',
  },
  'data whose toJSON throws no Error': {
    event: {
      data: {
        toJSON: () => {
          // oxlint-disable-next-line typescript/only-throw-error -- as other people's code does
          throw undefined;
        },
      },
    },
    code: 'INVALID_EVENT_DATA',
    says: 'undefined',
  },
  'data whose toJSON gives nothing': {
    event: { data: { toJSON: () => undefined } },
    code: 'INVALID_EVENT_DATA',
    says: 'toJSON',
  },
  'no event': { event: undefined, code: 'INVALID_EVENT_DATA', says: 'undefined' },
  null: { event: null, code: 'INVALID_EVENT_DATA', says: 'null' },
  'a string for an event': { event: 'hello', code: 'INVALID_EVENT_DATA', says: "'hello'" },
};

describe.each([
  ['toEventRecord', toEventRecord],
  ['toPrivateRecord', toPrivateRecord],
])('%s', (_name, toRecord) => {
  for (const [name, { event, code, says }] of Object.entries(REFUSED_BY_ALL)) {
    it(`refuses ${name}`, async () => {
      const error = await caught(() => toRecord(wrong(event)));
      expect(error.code).toBe(code);
      expect(error.message).toContain(says);
    });
  }

  it('keeps a string as it is, and writes the rest as JSON', () => {
    const data = ['text', '', { a: [1] }, 5, null, true, [undefined]];
    expect(data.map((each) => toRecord({ data: each })).map(({ data: text, json }) => [text, json])).toEqual([
      ['text', false],
      ['', false],
      ['{"a":[1]}', true],
      ['5', true],
      ['null', true],
      ['true', true],
      ['[null]', true],
    ]);
  });

  it('takes an event without anything', () => {
    expect(toRecord({})).toMatchObject({
      type: '',
      data: undefined,
      key: undefined,
      ephemeral: false,
      retryMs: undefined,
      final: false,
    });
  });

  it('takes types that only look reserved', () => {
    const types = ['Error', 'opened', 'sse', 'SSE:x', ' sse:x', 'message', 'note.created', 'ž'];
    expect(types.map((type) => toRecord({ type }).type)).toEqual(types);
  });

  it('serialises data once', () => {
    let calls = 0;
    toRecord({
      data: {
        toJSON: () => {
          calls += 1;
          return {};
        },
      },
    });
    expect(calls).toBe(1);
  });

  it('keeps what caused it', async () => {
    const cause = new Error('inner');
    const error = await caught(() =>
      toRecord({
        data: {
          toJSON: () => {
            throw cause;
          },
        },
      }),
    );
    expect(error.cause).toBe(cause);
  });

  it('keeps a retry of 0 and an empty key', () => {
    expect(toRecord({ retryMs: 0, key: '' })).toMatchObject({ retryMs: 0, key: '' });
  });
});

describe('ids', () => {
  it('are refused at publish', async () => {
    for (const id of ['7', '', 7, null]) {
      const error = await caught(() => toEventRecord(wrong({ id })));
      expect(error.code).toBe('INVALID_EVENT_ID');
    }
  });

  it('are a private stream’s own', () => {
    expect(toPrivateRecord({ id: 'mine/7' }).id).toBe('mine/7');
    expect(toPrivateRecord({}).id).toBe('');
  });

  it('are refused where a client could not keep them', async () => {
    for (const [id, says] of [
      ['a\rb', String.raw`\r`],
      ['a\nb', String.raw`\n`],
      ['a\0', String.raw`\x00`],
      [5, '5'],
    ]) {
      const error = await caught(() => toPrivateRecord(wrong({ id })));
      expect(error.code).toBe('INVALID_EVENT_ID');
      expect(error.message).toContain(says);
    }
  });
});
