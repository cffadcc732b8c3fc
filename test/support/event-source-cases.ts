import type { RecordOptions } from './event-source-record.js';
import { type Answer, EVENT_STREAM } from './byte-server.js';

/** URLs, without a slash at the end. */
export interface Places {
  /** The page's origin. */
  readonly self: string;
  readonly other: string;
  /** Of this case, a path. */
  readonly path: string;
}

/** What an EventSource shall make of what a server answers. */
export interface EventSourceCase extends RecordOptions {
  readonly name: string;
  /** Of the server of the page's origin, by what follows the case's path. */
  readonly self?: (at: Places) => Record<string, Answer[]>;
  /** Of another origin. */
  readonly other?: (at: Places) => Record<string, Answer[]>;
  /** Where it connects to; default: the case's path at the page's origin. */
  readonly url?: (at: Places) => string;
  /** What is to be recorded; `SELF` and `OTHER` stand for the origins. */
  readonly lines: readonly string[];
  /** What a browser's own records, where it differs. */
  readonly native?: readonly string[];
  /** The ids that requests have come with, at the places where they have, by what follows the case's path. */
  readonly ids?: Record<string, readonly (string | undefined)[]>;
  /** Makes sense only where there are origins. */
  readonly browser?: true;
}

const stream = (body: string): Answer => ({ body });
const openStream = (body: string): Answer => ({ body, open: true });
const RETRY = 'retry: 1\n';
const STOPPED = 'error 2';
const AGAIN = 'error 0';
const allow = (headers: Record<string, string> = {}): Record<string, string> => ({
  ...EVENT_STREAM,
  'Access-Control-Allow-Origin': '*',
  ...headers,
});
const type = (value: string): Answer => ({
  headers: { 'Content-Type': value },
  body: `${RETRY}data: a\n\n`,
});

const streams: EventSourceCase[] = [
  {
    name: 'opens, dispatches, comes back at the end, and stops at a 204',
    self: () => ({ '': [stream(`${RETRY}data: a\n\nevent: tick\ndata: b\ndata: c\n\n`)] }),
    types: ['tick'],
    lines: ['0', 'open 1', 'message 1 "a" # SELF', 'tick 1 "b\\nc" # SELF', AGAIN, STOPPED],
    ids: { '': [undefined, undefined] },
  },
  {
    name: 'dispatches at a CR that nothing follows',
    self: () => ({ '': [openStream('data: a\r\r')] }),
    lines: ['0', 'open 1', 'message 1 "a" # SELF'],
  },
  {
    name: 'takes off one BOM',
    self: () => ({ '': [openStream('\uFEFFdata: a\n\n\uFEFFdata: b\n\ndata: \uFEFFc\n\n')] }),
    lines: ['0', 'open 1', 'message 1 "a" # SELF', 'message 1 "\uFEFFc" # SELF'],
  },
  {
    name: 'leaves a second BOM where it is',
    self: () => ({ '': [openStream('\uFEFF\uFEFFdata: a\n\ndata: b\n\n')] }),
    lines: ['0', 'open 1', 'message 1 "b" # SELF'],
  },
  {
    name: 'takes no id with a NUL',
    self: () => ({ '': [stream(`${RETRY}id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n`)] }),
    lines: ['0', 'open 1', 'message 1 "a" #1 SELF', 'message 1 "b" #1 SELF', AGAIN, STOPPED],
    ids: { '': [undefined, '1'] },
  },
  {
    name: 'sends back an id that came alone',
    self: () => ({ '': [stream(`${RETRY}id: 1\n\n`)] }),
    lines: ['0', 'open 1', AGAIN, STOPPED],
    ids: { '': [undefined, '1'] },
  },
  {
    name: 'forgets an id whose block has not ended',
    self: () => ({ '': [stream(`${RETRY}id: 1\ndata: a\n\nid: 2\ndata: b\n`)] }),
    lines: ['0', 'open 1', 'message 1 "a" #1 SELF', AGAIN, STOPPED],
    ids: { '': [undefined, '1'] },
  },
  {
    name: 'sends back no id when it is empty',
    self: () => ({ '': [stream(`${RETRY}id: 1\ndata: a\n\n`), stream('id\n\n')] }),
    lines: ['0', 'open 1', 'message 1 "a" #1 SELF', AGAIN, 'open 1', AGAIN, STOPPED],
    ids: { '': [undefined, '1', undefined] },
  },
  {
    name: 'keeps the id through a stream that has none',
    self: () => ({ '': [stream(`${RETRY}id: 1\ndata: a\n\n`), stream('data: b\n\n')] }),
    lines: ['0', 'open 1', 'message 1 "a" #1 SELF', AGAIN, 'open 1', 'message 1 "b" #1 SELF', AGAIN, STOPPED],
    ids: { '': [undefined, '1', '1'] },
  },
  {
    name: 'sends ids in UTF-8',
    self: () => ({ '': [stream(`${RETRY}id: é∞😀\ndata: a\n\n`)] }),
    lines: ['0', 'open 1', 'message 1 "a" #é∞😀 SELF', AGAIN, STOPPED],
    ids: { '': [undefined, 'é∞😀'] },
  },
  {
    name: 'keeps the reconnection time through streams, and ignores one that is none',
    self: () => ({ '': [stream(RETRY), stream('retry: 1x\nretry: -1\nretry: 1.5\n\n'), stream('')] }),
    lines: ['0', 'open 1', AGAIN, 'open 1', AGAIN, 'open 1', AGAIN, STOPPED],
  },
  {
    name: 'comes back when it is cut off',
    self: () => ({ '': [openStream(`${RETRY}id: 1\ndata: a\n\ndata: b`)] }),
    cutAt: 3,
    lines: ['0', 'open 1', 'message 1 "a" #1 SELF', AGAIN, STOPPED],
    ids: { '': [undefined, '1'] },
  },
  {
    name: 'takes the types error and open for what they are',
    self: () => ({ '': [openStream('event: error\ndata: a\n\nevent: open\ndata: b\n\n')] }),
    lines: ['0', 'open 1', 'error 1 "a" # SELF', 'open 1 "b" # SELF'],
  },
  {
    name: 'is silent after close() in a message',
    self: () => ({ '': [stream(`${RETRY}data: a\n\ndata: b\n\n`)] }),
    closeAt: 3,
    lines: ['0', 'open 1', 'message 1 "a" # SELF', 'closed 2'],
    ids: { '': [undefined] },
  },
  {
    name: 'is silent after close() in open',
    self: () => ({ '': [stream(`${RETRY}data: a\n\n`)] }),
    closeAt: 2,
    lines: ['0', 'open 1', 'closed 2'],
    ids: { '': [undefined] },
  },
  {
    name: 'is silent after close() in error',
    self: () => ({ '': [stream(`${RETRY}\n`)] }),
    closeAt: 3,
    lines: ['0', 'open 1', AGAIN, 'closed 2'],
    ids: { '': [undefined] },
  },
];

const answers: EventSourceCase[] = [
  ...[201, 202, 206, 400, 401, 403, 404, 410, 429, 500, 502, 503].map((status): EventSourceCase => ({
    name: `fails at a ${status}`,
    self: () => ({ '': [{ status, body: `${RETRY}data: a\n\n` }] }),
    lines: ['0', STOPPED],
    ids: { '': [undefined] },
  })),
  ...[204, 205].map((status): EventSourceCase => ({
    name: `fails at a ${status}`,
    self: () => ({ '': [{ status, headers: { ...EVENT_STREAM, 'Content-Length': '0' } }] }),
    lines: ['0', STOPPED],
    ids: { '': [undefined] },
  })),
  ...[
    'text/plain',
    'text/event-streams',
    'application/text/event-stream',
    'text/event-stream, text/plain',
    'text/event stream',
    'x-text/event-stream',
    '',
  ].map((value): EventSourceCase => ({
    name: `fails at the content type "${value}"`,
    self: () => ({ '': [type(value)] }),
    lines: ['0', STOPPED],
    ids: { '': [undefined] },
  })),
  {
    name: 'fails without a content type',
    self: () => ({ '': [{ headers: {}, body: `${RETRY}data: a\n\n` }] }),
    lines: ['0', STOPPED],
  },
  ...[
    'text/event-stream;charset=utf-8',
    'text/event-stream; charset="UTF-8"; v=1',
    'TEXT/Event-Stream ;charset=utf-8',
    'text/event-stream;',
    'text/event-stream;x="a,b"',
    'text/plain, text/event-stream',
  ].map((value): EventSourceCase => ({
    name: `takes the content type ${value}`,
    self: () => ({ '': [type(value)] }),
    lines: ['0', 'open 1', 'message 1 "a" # SELF', AGAIN, STOPPED],
  })),
  {
    // The standard looks at the essence alone.
    name: 'reads UTF-8 whatever the charset says',
    self: () => ({ '': [type('text/event-stream;charset=windows-1252')] }),
    lines: ['0', 'open 1', 'message 1 "a" # SELF', AGAIN, STOPPED],
    native: ['0', STOPPED],
  },
];

const redirects: EventSourceCase[] = [
  ...[301, 302, 303, 307, 308].map((status): EventSourceCase => ({
    name: `follows a ${status}, and comes back to where it has led`,
    self: ({ path }) => ({
      '': [{ status, headers: { Location: `${path}/to` } }],
      '/to': [stream(`${RETRY}id: 1\ndata: a\n\n`)],
    }),
    lines: ['0', 'open 1', 'message 1 "a" #1 SELF', AGAIN, STOPPED],
    ids: { '': [undefined], '/to': [undefined, '1'] },
  })),
  ...[301, 302, 303, 307, 308].map((status): EventSourceCase => ({
    name: `follows a ${status} to another origin, which its events have`,
    self: ({ other, path }) => ({ '': [{ status, headers: { Location: `${other}${path}` } }] }),
    other: () => ({ '': [{ headers: allow(), body: `${RETRY}data: a\n\n` }] }),
    lines: ['0', 'open 1', 'message 1 "a" # OTHER', AGAIN, STOPPED],
    ids: { '': [undefined] },
  })),
  {
    name: 'fails at a redirect to what is no stream',
    self: ({ path }) => ({
      '': [{ status: 302, headers: { Location: `${path}/to` } }],
      '/to': [{ status: 404 }],
    }),
    lines: ['0', STOPPED],
  },
];

const credentials = (headers: Record<string, string>) => ({
  url: ({ other, path }: Places) => other + path,
  other: () => ({ '': [{ headers: allow(headers), body: `${RETRY}data: a\n\n` }] }),
  browser: true as const,
});

const origins: EventSourceCase[] = [
  {
    name: 'reads from another origin that allows it',
    ...credentials({}),
    lines: ['0', 'open 1', 'message 1 "a" # OTHER', AGAIN, STOPPED],
  },
  {
    name: 'reads from another origin with credentials',
    ...credentials({ 'Access-Control-Allow-Credentials': 'true' }),
    other: ({ self }) => ({
      '': [
        {
          headers: allow({ 'Access-Control-Allow-Origin': self, 'Access-Control-Allow-Credentials': 'true' }),
          body: 'data: a\n\n',
          open: true,
        },
      ],
    }),
    withCredentials: true,
    lines: ['0', 'open 1', 'message 1 "a" # OTHER'],
  },
  // A browser's own knows that it is CORS; fetch() doesn't tell, so it is tried again as the standard has it.
  {
    name: 'is refused by another origin that allows none',
    ...credentials({ 'Access-Control-Allow-Origin': 'http://example.test' }),
    lines: ['0', AGAIN],
    native: ['0', STOPPED],
  },
  {
    name: 'is refused by another origin that allows no credentials',
    ...credentials({}),
    withCredentials: true,
    lines: ['0', AGAIN],
    native: ['0', STOPPED],
  },
];

export const eventSourceCases: readonly EventSourceCase[] = [
  ...streams,
  ...answers,
  ...redirects,
  ...origins,
];
