import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EventSource, type EventSourceErrorEvent, type EventSourceInit } from '@nestcast/client/eventsource';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { clientContext } from './support/client-page.js';
import { deferred } from './support/deferred.js';
import { EMPTY_PAGE } from './support/event-source-page.js';
import { until } from './support/until.js';
import { type Answer, EVENT_STREAM, ByteServer } from './support/byte-server.js';

const MODULE = `
  export { EventSource } from '@nestcast/client/eventsource';
  export { recordEventSource } from './event-source-record.js';
`;
const ENDING: Answer = { body: 'retry: 1\nid: 1\ndata: a\n\n' };

let self: ByteServer;
let other: ByteServer;
let paths = 0;
let path: string;

beforeAll(async () => {
  [self, other] = await Promise.all([ByteServer.start(), ByteServer.start()]);
});
afterAll(() => Promise.all([self.close(), other.close()]));
beforeEach(() => {
  path = `/${(paths += 1)}`;
});

describe('the requests of an EventSource', () => {
  const Implementation = { Chromium: 'globalThis.EventSource', ours: 'nestcast.EventSource' };
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
    page = await (await clientContext(browser, MODULE)).newPage();
    self.play('/', [{ headers: { 'Content-Type': 'text/html' }, body: EMPTY_PAGE }]);
    await page.goto(`${self.url}/`);
    await page.evaluate(`document.cookie = 'user=1'`);
  }, 300_000);
  afterAll(() => browser.close());

  /** Lets it have so many lines. */
  const run = (
    whose: keyof typeof Implementation,
    url: string,
    options: object,
    count: number,
  ): Promise<void> =>
    page.evaluate(`(async () => {
      const { source, has } = nestcast.recordEventSource(${Implementation[whose]}, ${JSON.stringify(url)}, ${JSON.stringify(options)});
      await has(${count});
      source.close();
    })()`);

  it.each(['Chromium', 'ours'] as const)('ask for an event stream, past every cache: %s', async (whose) => {
    self.play(path, [ENDING]);
    await run(whose, path, {}, 5);
    expect(self.requests(path)).toHaveLength(2);
    for (const { method, headers } of self.requests(path)) {
      expect([method, headers.accept, headers['cache-control']]).toStrictEqual([
        'GET',
        'text/event-stream',
        'no-cache',
      ]);
      expect(headers).toMatchObject({
        'sec-fetch-mode': 'cors',
        'sec-fetch-dest': 'empty',
        cookie: 'user=1',
      });
      expect(headers).not.toHaveProperty('origin');
    }
  });

  it.each([
    ['Chromium', false, undefined],
    ['Chromium', true, 'user=1'],
    ['ours', false, undefined],
    ['ours', true, 'user=1'],
  ] as const)('of %s go to another origin, with credentials: %s', async (whose, withCredentials, cookie) => {
    const headers = {
      ...EVENT_STREAM,
      'Access-Control-Allow-Origin': self.url,
      'Access-Control-Allow-Credentials': 'true',
    };
    other.play(path, [{ headers, body: 'data: a\n\n', open: true }]);
    await run(whose, other.url + path, { withCredentials }, 3);
    expect(
      other.requests(path).map((request) => [request.headers.origin, request.headers.cookie]),
    ).toStrictEqual([[self.url, cookie]]);
  });

  // To a browser its own Last-Event-ID is harmless, but not that of a script.
  it.each([
    ['Chromium', ['GET', 'GET']],
    ['ours', ['GET', 'OPTIONS', 'GET']],
  ] as const)('of %s go back to another origin with an id', async (whose, methods) => {
    const headers = { ...EVENT_STREAM, 'Access-Control-Allow-Origin': '*' };
    const allowed = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'Last-Event-ID' };
    const preflight = { status: 204, headers: allowed };
    const again = { headers, body: 'data: b\n\n', open: true };
    other.play(path, [{ headers, ...ENDING }, ...(whose === 'ours' ? [preflight] : []), again]);
    await run(whose, other.url + path, {}, 6);
    expect(other.requests(path).map(({ method }) => method)).toStrictEqual(methods);
    expect(other.requests(path).at(-1)?.headers['last-event-id']).toBe('1');
  });
});

/** The next event of a type. */
const next = async <Given extends Event>(source: EventSource, type: string): Promise<Given> =>
  ((await once(source as unknown as EventTarget, type)) as [Given])[0];

const open = (init?: EventSourceInit): EventSource => new EventSource(self.url + path, init);

const closed = async (source: EventSource): Promise<void> => {
  while (source.readyState !== EventSource.CLOSED) {
    await next(source, 'error');
  }
};

/** What Node.js holds. */
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
const ports = (): number =>
  (process.report.getReport() as { libuv: { type: string }[] }).libuv.filter(({ type }) => type === 'async')
    .length;

describe('an EventSource of ours', () => {
  it('sends headers, a method and a body, with each request', async () => {
    self.play(path, [ENDING]);
    const source = open({
      headers: { Authorization: 'Bearer a', Accept: 'text/plain', 'X-More': 'b' },
      method: 'post',
      body: 'question',
    });
    await closed(source);
    const requests = self.requests(path);
    expect(requests.map(({ method, headers }) => [method, headers['last-event-id']])).toStrictEqual([
      ['POST', undefined],
      ['POST', '1'],
    ]);
    for (const { headers } of requests) {
      expect(headers).toMatchObject({
        authorization: 'Bearer a',
        accept: 'text/event-stream',
        'x-more': 'b',
        'content-length': '8',
      });
    }
  });

  it('begins anew at its own URL where requests may carry secrets', async () => {
    const redirect = { status: 307, headers: { Location: `${other.url}${path}` } };
    self.play(path, [redirect, redirect]);
    other.play(path, [ENDING]);
    const source = open({ headers: { Authorization: 'Bearer a' } });
    await closed(source);
    expect(self.requests(path).map(({ headers }) => headers.authorization)).toStrictEqual([
      'Bearer a',
      'Bearer a',
    ]);
    expect(other.requests(path).map(({ headers }) => headers.authorization)).toStrictEqual([
      undefined,
      undefined,
    ]);
  });

  it('takes a fetch function, which can add to the headers', async () => {
    self.play(path, [ENDING]);
    let token = 0;
    const source = open({
      fetch: (url, init) =>
        fetch(url, { ...init, headers: { ...(init.headers as object), Authorization: `${(token += 1)}` } }),
    });
    await closed(source);
    expect(
      self.requests(path).map(({ headers }) => [headers.authorization, headers['last-event-id']]),
    ).toStrictEqual([
      ['1', undefined],
      ['2', '1'],
    ]);
  });

  it('lets go of the body when it is closed, though the fetch function knows no signals', async () => {
    const cancelled = deferred();
    const body = new ReadableStream({ cancel: () => cancelled.resolve() });
    const source = open({ fetch: async () => new Response(body, { headers: EVENT_STREAM }) });
    await next(source, 'open');
    source.close();
    await cancelled.promise;
  });

  it('comes back when there is no body, and when a fetch function throws', async () => {
    const answers = [
      () => new Response('retry: 1\n\n', { headers: EVENT_STREAM }),
      () => new Response(null, { headers: EVENT_STREAM }),
      () => {
        throw new Error('offline');
      },
      () => new Response(null, { status: 204 }),
    ];
    const source = open({ fetch: async () => answers.shift()?.() ?? Response.error() });
    const codes: string[] = [];
    while (source.readyState !== EventSource.CLOSED) {
      codes.push((await next<EventSourceErrorEvent>(source, 'error')).error.code);
    }
    expect(codes).toStrictEqual(['NETWORK', 'NETWORK', 'NETWORK', 'HTTP_STATUS']);
  });

  it.each([
    ['NETWORK', undefined, 0, { body: 'data: a\n\n' }],
    ['HTTP_STATUS', 401, 2, { status: 401 }],
    ['NOT_AN_EVENT_STREAM', 200, 2, { headers: {} }],
    ['EVENT_TOO_LARGE', undefined, 2, { body: `data: a\n\ndata: ${'a'.repeat(100)}`, open: true }],
  ] as const)('tells why with its error events: %s', async (code, status, readyState, answer) => {
    self.play(path, [answer]);
    const source = open({ maxEventLength: 50 });
    const { error } = await next<EventSourceErrorEvent>(source, 'error');
    expect([error.code, error.status, source.readyState]).toStrictEqual([code, status, readyState]);
    source.close();
  });

  it('dispatches what came before an event that is too large', async () => {
    self.play(path, [{ body: `data: a\n\ndata: ${'a'.repeat(100)}`, open: true }]);
    const source = open({ maxEventLength: 50 });
    const [{ data }] = await Promise.all([next<MessageEvent>(source, 'message'), next(source, 'error')]);
    expect(data).toBe('a');
  });

  it.each([
    ['a header', { headers: { 'no header': 'a' } }],
    ['a method', { method: 'TRACE' }],
    ['a body of a GET', { body: 'a' }],
  ])('throws at once for what every request would be refused for: %s', (_, init) => {
    expect(() => open(init)).toThrow(expect.objectContaining({ name: 'TypeError' }));
    expect(self.requests(path)).toHaveLength(0);
  });

  it('leaves no socket when it is closed while it is open', async () => {
    self.play(path, [{ body: 'data: a\n\n', open: true }]);
    const source = open();
    await next(source, 'message');
    source.close();
    await until(() => self.requests(path)[0]?.socket.destroyed === true);
  });

  it('leaves no timer when it is closed while it waits', async () => {
    self.play(path, [{ body: 'data: a\n\n' }]);
    const source = open();
    await next(source, 'error');
    const waiting = timers();
    source.close();
    expect(timers()).toBe(waiting - 1);
  });

  it('leaves nothing of the streams that have ended', async () => {
    const before = ports();
    const answers = Array.from({ length: 5 }, () => new Response('retry: 0\n\n', { headers: EVENT_STREAM }));
    await closed(open({ fetch: async () => answers.pop() ?? new Response(null, { status: 204 }) }));
    // Fewer are as good: the collector may let go in the meantime of what earlier cases have left to it.
    await until(() => ports() <= before);
  });
});
