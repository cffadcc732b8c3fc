import type { Seen } from './reference-event-stream.js';

/** An event stream, and what it brings. */
export interface EventStreamVector {
  readonly name: string;
  readonly stream: string | Uint8Array;
  readonly seen: readonly Seen[];
}

const message = (data: string, lastEventId = '', type = 'message'): Seen => ({ type, data, lastEventId });
const id = (lastEventId: string): Seen => ({ lastEventId });
const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part)));

/** The examples in the text of WHATWG HTML 9.2.1 and 9.2.6. */
const examples: EventStreamVector[] = [
  {
    name: 'messages, one of two lines',
    stream: `data: This is the first message.

data: This is the second message, it
data: has two lines.

data: This is the third message.

`,
    seen: [
      message('This is the first message.'),
      message('This is the second message, it\nhas two lines.'),
      message('This is the third message.'),
    ],
  },
  {
    name: 'event types',
    stream: 'event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n',
    seen: [message('73857293', '', 'add'), message('2153', '', 'remove'), message('113411', '', 'add')],
  },
  {
    name: 'the stock ticker',
    stream: 'data: YHOO\ndata: +2\ndata: 10\n\n',
    seen: [message('YHOO\n+2\n10')],
  },
  {
    name: 'four blocks: a comment, an id, an empty id, two spaces',
    stream: ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    seen: [id('1'), message('first event', '1'), id(''), message('second event'), message(' third event')],
  },
  {
    name: 'data without a value',
    stream: 'data\n\ndata\ndata\n\ndata:',
    seen: [message(''), message('\n')],
  },
  {
    name: 'one space after the colon, or none',
    stream: 'data:test\n\ndata: test\n\n',
    seen: [message('test'), message('test')],
  },
];

/** A rule of WHATWG HTML 9.2.5 and 9.2.6 each. */
const rules: EventStreamVector[] = [
  { name: 'an empty stream', stream: '', seen: [] },
  { name: 'LF ends lines', stream: 'data: a\ndata: b\n\n', seen: [message('a\nb')] },
  { name: 'CR ends lines', stream: 'data: a\rdata: b\r\r', seen: [message('a\nb')] },
  { name: 'CRLF ends lines', stream: 'data: a\r\ndata: b\r\n\r\n', seen: [message('a\nb')] },
  {
    name: 'all of them in one stream',
    stream: 'data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\rdata: e\r\n\ndata: f\r\r\ndata: g\r\n\r',
    seen: [message('a\nb\nc'), message('d'), message('e'), message('f'), message('g')],
  },
  {
    name: 'no other character ends a line',
    stream: 'data: a\u2028b\u2029c\u0085d\u000be\u000cf\n\n',
    seen: [message('a\u2028b\u2029c\u0085d\u000be\u000cf')],
  },
  { name: 'a BOM at the beginning', stream: '\uFEFFdata: a\n\n', seen: [message('a')] },
  {
    name: 'a second BOM, which is part of a name',
    stream: '\uFEFF\uFEFFdata: a\n\ndata: b\n\n',
    seen: [message('b')],
  },
  {
    name: 'a BOM later, which is part of a name, or a value',
    stream: 'data: \uFEFFa\n\n\uFEFFdata: b\n\n',
    seen: [message('\uFEFFa')],
  },
  {
    name: "the characters of a BOM's bytes, which are none",
    stream: '\u00EF\u00BB\u00BFdata: a\n\ndata: b\n\n',
    seen: [message('b')],
  },
  {
    name: 'bytes that are no UTF-8',
    stream: bytes('data: a', [0xff, 0xe2, 0x82], 'b', [0xc0], '\n\n'),
    seen: [message('a\uFFFD\uFFFDb\uFFFD')],
  },
  {
    name: 'characters of two, three and four bytes',
    stream: 'event: é\nid: ∞\ndata: é€😀\n\n',
    seen: [id('∞'), message('é€😀', '∞', 'é')],
  },
  { name: 'comments', stream: ':\n: a\n:data: b\ndata: c\n:\n\n:\n\n', seen: [message('c')] },
  { name: 'a space before the colon', stream: 'data : a\n\n data: b\n\n', seen: [] },
  { name: 'a tab after the colon', stream: 'data:\ta\n\n', seen: [message('\ta')] },
  { name: 'colons in a value', stream: 'data:: a:b\n\n', seen: [message(': a:b')] },
  { name: 'an empty value', stream: 'data:\n\ndata: \n\n', seen: [message(''), message('')] },
  { name: 'an LF of its own from an empty first line', stream: 'data\ndata: a\n\n', seen: [message('\na')] },
  { name: 'empty lines of data at the end', stream: 'data: a\ndata\ndata:\n\n', seen: [message('a\n\n')] },
  { name: 'a NUL in data and type', stream: 'event: a\0\ndata: b\0\n\n', seen: [message('b\0', '', 'a\0')] },
  {
    name: 'unknown fields',
    stream: 'dat: a\ndata2: b\ndatab\nid2: 1\nfoo\ndata: c\n\n',
    seen: [message('c')],
  },
  { name: 'names in another case', stream: 'DATA: a\nData: b\nID: 1\nEvent: c\nRetry: 1\n\n', seen: [] },
  {
    name: 'a type without data, which is forgotten',
    stream: 'event: a\n\ndata: b\n\n',
    seen: [message('b')],
  },
  { name: 'the last type', stream: 'event: a\nevent: b\ndata: c\n\n', seen: [message('c', '', 'b')] },
  { name: 'an empty type', stream: 'event: a\nevent\ndata: b\n\n', seen: [message('b')] },
  {
    name: 'an id, which stays',
    stream: 'id: 1\ndata: a\n\ndata: b\n\n',
    seen: [id('1'), message('a', '1'), message('b', '1')],
  },
  {
    name: 'an id without data, which counts',
    stream: 'id: 1\n\ndata: a\n\n',
    seen: [id('1'), message('a', '1')],
  },
  { name: 'an id after the data', stream: 'data: a\nid: 1\n\n', seen: [id('1'), message('a', '1')] },
  { name: 'the last id', stream: 'id: 1\nid: 2\ndata: a\n\n', seen: [id('2'), message('a', '2')] },
  { name: 'an id with a NUL', stream: 'id: 1\nid: 2\0\ndata: a\n\n', seen: [id('1'), message('a', '1')] },
  {
    name: 'an empty id, which resets',
    stream: 'id: 1\ndata: a\n\nid:\n\ndata: b\n\n',
    seen: [id('1'), message('a', '1'), id(''), message('b')],
  },
  { name: 'an id of spaces', stream: 'id:  \ndata: a\n\n', seen: [id(' '), message('a', ' ')] },
  {
    name: 'a reconnection time, which counts at once',
    stream: 'retry: 7\nretry:010\n',
    seen: [{ retryMs: 7 }, { retryMs: 10 }],
  },
  {
    name: 'a reconnection time of anything but ASCII digits',
    stream:
      'retry: -1\nretry: 1.5\nretry: 1e3\nretry: 0x10\nretry: 10 \nretry:  10\nretry: ١\nretry:\nretry\n\n',
    seen: [],
  },
  {
    name: 'a reconnection time that no timer can wait',
    stream: `retry: 99999999999\n\nretry: ${'9'.repeat(400)}\n\n`,
    seen: [{ retryMs: 2_147_483_647 }, { retryMs: 2_147_483_647 }],
  },
  { name: 'an end in a block', stream: 'data: a\n\nid: 1\ndata: b\n', seen: [message('a')] },
  { name: 'an end in a line', stream: 'data: a\n\ndata: b', seen: [message('a')] },
  { name: 'an end in a character', stream: bytes('data: a\n\ndata: ', [0xe2, 0x82]), seen: [message('a')] },
];

export const eventStreamVectors: readonly EventStreamVector[] = [...examples, ...rules];
