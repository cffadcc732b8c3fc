import { describe, expect, it } from '@jest/globals';
import { parseData } from './options.js';
import type { Answer } from './spec-support/scripted-server.js';
import { statusesOf, take, useClients, whenStatus } from './spec-support/fixture.js';

const { serve, connect } = useClients();

const goodbye = (data: string): Answer => ({
  body: `retry: 1\n\nid: 7\n\nevent: sse:goodbye\ndata: ${data}\n\nid: late\ndata: late\n\n`,
  ending: 'stay',
});
const last: Answer = { body: 'id: 9\ndata: {"n":9}\n\n', ending: 'stay' };

describe('what a client comes back after', () => {
  it.each<[string, Answer, string | undefined]>([
    ['the end of a stream', { body: 'retry: 1\n\nid: 7\n\n' }, 'NETWORK'],
    ['a broken connection', { body: 'retry: 1\n\nid: 7\n\n', ending: 'cut' }, 'NETWORK'],
    ['no answer at all', { play: (response) => response.destroy() }, 'NETWORK'],
    ['408', { status: 408 }, 'HTTP_STATUS'],
    ['425', { status: 425 }, 'HTTP_STATUS'],
    ['429', { status: 429 }, 'HTTP_STATUS'],
    ['500', { status: 500, body: 'a page', headers: { 'Content-Type': 'text/html' } }, 'HTTP_STATUS'],
    ['502', { status: 502 }, 'HTTP_STATUS'],
    ['503 for an unreadable time', { status: 503, headers: { 'Retry-After': 'soon' } }, 'HTTP_STATUS'],
    ['503 for no time', { status: 503, headers: { 'Retry-After': '0' } }, 'HTTP_STATUS'],
    [
      '503 till a date',
      { status: 503, headers: { 'Retry-After': new Date(0).toUTCString() } },
      'HTTP_STATUS',
    ],
    ['a goodbye for drain', goodbye('{"reason":"drain","retryMs":1}'), undefined],
    ['a goodbye for server', goodbye('{"reason":"server"}'), undefined],
    ['a goodbye for expired', goodbye('{"reason":"expired"}'), undefined],
    ['a goodbye for max-age', goodbye('{"reason":"max-age","retryMs":0}'), undefined],
    ['a goodbye for overflow', goodbye('{"reason":"overflow"}'), undefined],
    ['a goodbye for revoked', goodbye('{"reason":"revoked"}'), undefined],
    ['a goodbye for error', goodbye('{"reason":"error","retryMs":-1}'), undefined],
    ['a goodbye that can be read by nobody', goodbye('{'), undefined],
    ['a goodbye of another shape', goodbye('null'), undefined],
  ])('%s', async (_name, answer, code) => {
    const server = await serve(answer, last);
    const client = connect(server);
    const errors: unknown[] = [];
    const late: unknown[] = [];
    client.on('error', ({ data }) => errors.push(data)).on('message', ({ id }) => late.push(id));
    const statuses = statusesOf(client);
    expect(await take(client, 1)).toMatchObject([{ id: '9', data: { n: 9 } }]);
    expect(late).toEqual(['9']);
    const again = await server.request(2);
    expect(again.headers['last-event-id']).toBe(answer.body?.toString().includes('id: 7') ? '7' : undefined);
    expect(statuses.slice(-3)).toEqual(['waiting', 'connecting', 'open']);
    const ofAttempt = errors.filter((error) => (error as { code: string }).code !== 'INVALID_DATA');
    expect(ofAttempt).toMatchObject(code ? [{ code, status: answer.status }] : []);
    expect(client.getSnapshot()).toMatchObject({ error: undefined, attempt: 0, retryAt: undefined });
    // What is left of an answer isn't kept.
    await server.left(1);
  });

  it('nobody who listens', async () => {
    const server = await serve(last);
    const { port, url } = server;
    await server.stop();
    const client = connect(url);
    expect(await whenStatus(client, 'waiting')).toMatchObject({ error: { code: 'NETWORK' }, attempt: 1 });
    await server.listen(port);
    expect(await take(client, 1)).toMatchObject([{ id: '9' }]);
  });
});

describe('what ends a client', () => {
  it.each<[string, Answer, string | undefined]>([
    ['204', { status: 204 }, undefined],
    ['a goodbye for complete', goodbye('{"reason":"complete"}'), undefined],
    ['400', { status: 400 }, 'HTTP_STATUS'],
    ['401 without a function for headers', { status: 401 }, 'HTTP_STATUS'],
    ['403', { status: 403 }, 'HTTP_STATUS'],
    ['404', { status: 404, headers: { 'Retry-After': '1' } }, 'HTTP_STATUS'],
    ['a page', { headers: { 'Content-Type': 'text/html' } }, 'NOT_AN_EVENT_STREAM'],
    ['nearly the right type', { headers: { 'Content-Type': 'text/event-streams' } }, 'NOT_AN_EVENT_STREAM'],
    ['an endless line', { body: `data: ${'x'.repeat(1_000)}`, ending: 'stay' }, 'EVENT_TOO_LARGE'],
  ])('%s', async (_name, answer, code) => {
    const server = await serve(answer, last);
    const client = connect(server, { maxEventLength: 500 });
    const { error } = await whenStatus(client, 'closed');
    expect(error?.code).toBe(code);
    expect(error?.status).toBe(code?.startsWith('EVENT') ? undefined : code && (answer.status ?? 200));
    const events = take(client, 1);
    await (code ? expect(events).rejects.toBe(error) : expect(events).resolves.toEqual([]));
    await server.left(1);
    expect(client.getSnapshot().status).toBe('closed');
    expect(server.requests).toHaveLength(1);
  });
});

it.each([
  [201, 'text/event-stream'],
  [200, 'Text/Event-Stream;charset=utf-8'],
  [206, 'text/event-stream ; charset="UTF-8"'],
])('reads %i with %s', async (status, type) => {
  const server = await serve({ ...last, status, headers: { 'Content-Type': type } });
  expect(await take(connect(server), 1)).toMatchObject([{ type: 'message', id: '9' }]);
});

describe('401 with a function for headers', () => {
  it('is tried again at once with a fresh token', async () => {
    const server = await serve({ status: 401 }, last);
    await take(connect(server, { headers: tokens(), backoff: { baseMs: 1e9, maxMs: 1e9 } }), 1);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('ends it the second time in a row', async () => {
    const server = await serve({ status: 401 }, { body: 'retry: 0\n\ndata: 1\n\n' }, { status: 401 });
    const client = connect(server, { headers: tokens() });
    expect((await whenStatus(client, 'closed')).error).toMatchObject({ code: 'HTTP_STATUS', status: 401 });
    expect(server.requests).toHaveLength(4);
  });
});

describe('backoff.maxAttempts', () => {
  it('is how many failures in a row end it', async () => {
    const server = await serve({ status: 503 }, { body: 'data: 1\n\n' }, { status: 503 }, { status: 500 });
    const client = connect(server, { backoff: { baseMs: 0, maxAttempts: 3 } });
    const given: unknown[] = [];
    const attempts: number[] = [];
    client.on('max_reconnect_reached', ({ data }) => given.push(data));
    client.on('error', () => attempts.push(client.getSnapshot().attempt));
    const { error } = await whenStatus(client, 'closed');
    expect(error).toMatchObject({
      code: 'MAX_RECONNECT_REACHED',
      cause: { code: 'HTTP_STATUS', status: 500 },
    });
    // The stream that has brought an event was none, and begins the count again.
    expect(attempts).toEqual([1, 0, 1, 2, 3]);
    expect(given).toEqual([{ attempts: 3 }]);
    expect(server.requests).toHaveLength(5);
  });
});

it('takes what is no JSON as it is', () => {
  expect(['{"a":1}', '12', '"x"', 'null', 'x', '{', ''].map((text) => parseData(text))).toEqual([
    { a: 1 },
    12,
    'x',
    null,
    'x',
    '{',
    '',
  ]);
});

function tokens(): () => Record<string, string> {
  let token = 0;
  return () => ({ authorization: `Bearer ${(token += 1)}` });
}
