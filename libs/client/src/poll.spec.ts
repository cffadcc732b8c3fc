import { describe, expect, it, jest } from '@jest/globals';
import type { SseClient } from './sse-client.js';
import { elapse, useFakeTime } from './spec-support/fake-time.js';
import { statusesOf, useClients, whenSnapshot, whenStatus } from './spec-support/fixture.js';
import type { Answer, ScriptedServer } from './spec-support/scripted-server.js';

const { serve, connect } = useClients();
useFakeTime();
const silent: Answer = { ending: 'stay' };
const mute: Answer = { play: () => undefined };
const live: Answer = { body: 'retry: 0\n\ndata: 1\n\n', ending: 'stay' };
const polled = (body: string): Answer => ({ headers: { 'Preference-Applied': 'wait=25' }, body });
const preferences = ({ requests }: ScriptedServer) => requests.map(({ headers }) => headers.prefer);
const polls = (client: SseClient) => whenSnapshot(client, ({ transport }) => transport === 'poll');

const beating = (ms: number): Answer => ({
  body: `event: sse:connected\ndata: {"connectionId":"c","heartbeatMs":${ms}}\n\n`,
  ending: 'stay',
});

/** As from another origin whose server doesn't allow the header of polls: no such request is made. */
const fetchWithoutPolls = (url: string, init: RequestInit): Promise<Response> =>
  new Headers(init.headers).has('Prefer') ? Promise.reject(new TypeError('CORS')) : fetch(url, init);

/** As many attempts as that have got no bytes, from one on. */
async function blocked(server: ScriptedServer, count: number, from = 1): Promise<void> {
  for (let number = from; number < from + count; number += 1) {
    await server.request(number);
    await elapse(10_001);
    // And the wait for the next one.
    await elapse(1);
  }
}

describe('where streaming is blocked', () => {
  it('before its headers, it polls after two attempts, and for good after a third', async () => {
    const server = await serve(
      mute,
      mute,
      polled('retry: 0\n\nid: 1\n\n'),
      mute,
      polled('id: 2\ndata: 2\n\n'),
      polled('id: 3\ndata: 3\n\n'),
      mute,
    );
    const client = connect(server);
    const errors: string[] = [];
    let opens = 0;
    client.on('error', ({ data }) => errors.push(data.code)).on('open', () => (opens += 1));
    await blocked(server, 2);
    await polls(client);
    expect(client.getSnapshot()).toMatchObject({ status: 'open', error: undefined });
    await elapse(1_500);
    await blocked(server, 1, 4);
    await whenSnapshot(client, ({ event }) => event?.id === '2');
    await elapse(1_498);
    expect(server.requests).toHaveLength(5);
    await elapse(2);
    await whenSnapshot(client, ({ event }) => event?.id === '3');
    await elapse(1_500);
    await server.request(7);
    expect(errors).toEqual(['STREAM_BLOCKED', 'STREAM_BLOCKED', 'STREAM_BLOCKED']);
    // The first is answered at once, so that it is known whether it can be polled.
    expect(preferences(server).slice(2)).toEqual(['wait=0', undefined, 'wait=0', 'wait=25', 'wait=25']);
    const ids = server.requests.map(({ headers }) => headers['last-event-id']);
    expect(ids.slice(2)).toEqual([undefined, '1', '1', '2', '3']);
    // Polls after polls are nothing to be told of.
    expect(opens).toBe(2);
    expect(client.getSnapshot()).toMatchObject({ status: 'open', transport: 'poll' });
  });

  it('after its headers, as well', async () => {
    const server = await serve(silent, silent, polled('id: 1\n\n'));
    const client = connect(server);
    const statuses = statusesOf(client);
    for (const number of [1, 2]) {
      await server.request(number);
      await whenStatus(client, 'open');
      await elapse(10_002);
    }
    await polls(client);
    expect(statuses).toEqual(['open', 'waiting', 'connecting', 'open', 'waiting', 'connecting', 'open']);
  });

  it('before an outage has ended, it goes on streaming', async () => {
    const server = await serve(mute, mute, mute, mute, polled('retry: 0\n\nid: 1\n\n'), live);
    const client = connect(server);
    await blocked(server, 4);
    await polls(client);
    await elapse(1_500);
    await whenSnapshot(client, ({ event }) => event);
    expect(preferences(server)).toEqual([undefined, undefined, 'wait=0', undefined, 'wait=0', undefined]);
    expect(client.getSnapshot().transport).toBe('stream');
  });

  it('a poll may take its own time, and is given up later', async () => {
    const server = await serve(polled('id: 1\n\n'), mute);
    const client = connect(server, { transport: 'poll' });
    await polls(client);
    await elapse(1_500);
    await server.request(2);
    await elapse(34_999);
    expect(client.getSnapshot().status).toBe('open');
    await elapse(2);
    expect(client.getSnapshot()).toMatchObject({ status: 'waiting', error: { code: 'STREAM_BLOCKED' } });
  });

  it('and stays so, it gives up after as many attempts as it may make', async () => {
    const server = await serve(silent);
    const client = connect(server, { transport: 'stream', backoff: { baseMs: 0, maxAttempts: 2 } });
    await blocked(server, 2);
    expect(await whenStatus(client, 'closed')).toMatchObject({ error: { code: 'MAX_RECONNECT_REACHED' } });
  });

  it('reconnect() tries to stream again', async () => {
    const server = await serve(mute, mute, polled('id: 1\n\n'), live);
    const client = connect(server);
    await blocked(server, 2);
    await polls(client);
    client.reconnect();
    await whenSnapshot(client, ({ event }) => event);
    expect(preferences(server)).toEqual([undefined, undefined, 'wait=0', undefined]);
    expect(client.getSnapshot().transport).toBe('stream');
  });

  it('open() after close() goes on polling, with one that is answered at once', async () => {
    const server = await serve(polled('id: 1\n\n'), mute);
    const client = connect(server, { transport: 'poll' });
    await polls(client);
    await elapse(1_500);
    await server.request(2);
    client.close();
    client.open();
    expect(client.getSnapshot().status).toBe('connecting');
    await server.request(3);
    expect(preferences(server)).toEqual(['wait=0', 'wait=25', 'wait=0']);
  });

  it('and polls are, too, it tries to stream again', async () => {
    const server = await serve(mute, mute, mute, live);
    const client = connect(server);
    await blocked(server, 3);
    await whenSnapshot(client, ({ event }) => event);
    expect(preferences(server)).toEqual([undefined, undefined, 'wait=0', undefined]);
  });

  it('but not twice in a row, it goes on streaming', async () => {
    const server = await serve(mute, { ...live, ending: 'cut' }, mute, live);
    const client = connect(server);
    await blocked(server, 1);
    await whenStatus(client, 'open');
    await whenStatus(client, 'waiting');
    await elapse(1);
    await blocked(server, 1, 3);
    await server.request(4);
    expect(preferences(server)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('it never polls with the transport "stream", or without a time to open', async () => {
    const server = await serve(mute, mute, mute, mute);
    const streams = connect(server, { transport: 'stream' });
    await blocked(server, 3);
    await server.request(4);
    streams.close();
    const waits = connect(server, { openTimeoutMs: 0 });
    await server.request(5);
    await elapse(3_600_000);
    expect(waits.getSnapshot().status).toBe('connecting');
    expect(preferences(server)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});

it('a server that knows no polls is streamed from for good, however quiet it is', async () => {
  const server = await serve(silent, silent, silent, mute);
  const client = connect(server);
  await blocked(server, 2);
  const { response } = await server.request(3);
  await whenStatus(client, 'open');
  await elapse(3_600_000);
  expect(client.getSnapshot()).toMatchObject({ status: 'open', transport: 'stream' });
  response.end('retry: 0\n\ndata: 1\n\n');
  await whenStatus(client, 'waiting');
  await elapse(1);
  await server.request(4);
  await elapse(3_600_000);
  expect(client.getSnapshot().status).toBe('connecting');
  expect(preferences(server)).toEqual([undefined, undefined, 'wait=0', undefined]);
});

it('a server that polls do not even reach is streamed from again', async () => {
  const server = await serve(mute, mute, live);
  const client = connect(server, { fetch: fetchWithoutPolls });
  await blocked(server, 2);
  while (server.requests.length < 3) {
    await elapse(1);
  }
  expect(await whenSnapshot(client, ({ event }) => event)).toMatchObject({ transport: 'stream' });
});

describe('the transport "poll"', () => {
  it('never streams where it can poll, and begins again with a poll that is answered at once', async () => {
    const server = await serve(polled('retry: 0\n\nid: 1\n\n'), { status: 503 }, polled('data: 1\n\n'), mute);
    const client = connect(server, { transport: 'poll' });
    const statuses = statusesOf(client);
    await polls(client);
    await server.left(1);
    await elapse(1_500);
    await whenStatus(client, 'waiting');
    await elapse(1);
    await whenStatus(client, 'open');
    await server.left(3);
    await elapse(1_500);
    await server.request(4);
    expect(preferences(server)).toEqual(['wait=0', 'wait=25', 'wait=0', 'wait=25']);
    expect(statuses).toEqual(['open', 'waiting', 'connecting', 'open']);
  });

  it('asks again in time though the clock is set back', async () => {
    const server = await serve({ play: () => undefined }, polled('id: 1\n\n'));
    const client = connect(server, { transport: 'poll' });
    const { response } = await server.request(1);
    jest.setSystemTime(Date.now() - 3_600_000);
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Preference-Applied': 'wait=0' }).end();
    await polls(client);
    await server.left(1);
    await elapse(1_500);
    await server.request(2);
  });

  it('ends with a goodbye, and with 204', async () => {
    const goodbye = 'event: sse:goodbye\ndata: {"reason":"drain","retryMs":1}\n\n';
    const server = await serve(polled(goodbye), { status: 204 });
    const client = connect(server, { transport: 'poll' });
    const statuses = statusesOf(client);
    await whenStatus(client, 'waiting');
    await elapse(1);
    expect((await whenStatus(client, 'closed')).error).toBeUndefined();
    expect(statuses).toEqual(['open', 'waiting', 'connecting', 'closed']);
  });
});

describe('the watchdog of a stream', () => {
  it.each([
    ['the server has told', beating(4_000), undefined],
    ['an option says', beating(15_000), 4_000],
    ['an option says, though the server tells nothing', { body: ':\n\n', ending: 'stay' } as const, 4_000],
  ])('waits for 2.5 times the heartbeat that %s', async (_name, answer, heartbeatMs) => {
    const server = await serve(answer, silent);
    const client = connect(server, { heartbeatMs });
    const { response } = await server.request(1);
    const heard = async (chunks: number): Promise<void> => {
      while (client.stats().chunkBytes.count < chunks) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await heard(1);
    await elapse(9_999);
    response.write(':\n');
    await heard(2);
    await elapse(9_999);
    expect(client.getSnapshot().status).toBe('open');
    await elapse(2);
    expect(client.getSnapshot()).toMatchObject({ status: 'waiting', error: { code: 'STALLED' } });
    await server.left(1);
  });

  it('has read what came while the page was busy before it takes the server for quiet', async () => {
    jest.useRealTimers();
    const server = await serve(beating(100), silent);
    const client = connect(server);
    const { response } = await server.request(1);
    await whenSnapshot(client, ({ status }) => status === 'open');
    while (client.stats().chunkBytes.count < 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.write('data: 1\n\n');
    // For longer than the watchdog waits.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await whenSnapshot(client, ({ event, error }) => event ?? error);
    expect(client.getSnapshot()).toMatchObject({ status: 'open', error: undefined, event: { data: 1 } });
  });
});
