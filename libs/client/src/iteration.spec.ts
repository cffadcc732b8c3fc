import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { HIGH_WATER, createEventQueue } from './event-queue.js';
import { SseClientError } from './sse-client-error.js';
import { elapse, useFakeTime } from './spec-support/fake-time.js';
import { take, useClients, whenStatus } from './spec-support/fixture.js';

const { serve, connect } = useClients();
useFakeTime();
const events = (count: number, size = 1) =>
  Array.from({ length: count }, (_, index) => `data: ${index + 1}\ndata: ${'x'.repeat(size)}\n\n`).join('');

describe('a loop over a client', () => {
  it('has every event, and leaves with break', async () => {
    const server = await serve({ body: events(3_000), ending: 'stay' });
    const seen = await take(connect(server), 3_000);
    expect(seen.map(({ data }) => parseInt(data as string, 10))).toEqual(
      Array.from({ length: 3_000 }, (_, i) => i + 1),
    );
  });

  it('ends when the client is closed, with what waits', async () => {
    const server = await serve({ body: events(3), ending: 'stay' });
    const client = connect(server);
    const loop = client[Symbol.asyncIterator]();
    await loop.next();
    client.close();
    expect((await loop.next()).value).toMatchObject({ type: 'message' });
    expect((await loop.next()).done).toBe(false);
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    expect(await loop.next()).toEqual({ done: true, value: undefined });
  });

  it('throws the error that the client was closed with, once', async () => {
    const server = await serve({ status: 404 });
    const client = connect(server);
    const loop = client[Symbol.asyncIterator]();
    await expect(loop.next()).rejects.toMatchObject({ code: 'HTTP_STATUS', status: 404 });
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    await expect(take(client, 1)).rejects.toMatchObject({ code: 'HTTP_STATUS' });
  });

  it('is given in order to all who ask at once, and return() answers them', async () => {
    const server = await serve({ body: events(2), ending: 'stay' });
    const loop = connect(server)[Symbol.asyncIterator]();
    const asked = [loop.next(), loop.next(), loop.next(), loop.next()];
    await asked[1];
    await loop.return?.();
    const data = (await Promise.all(asked)).map(({ value }) => value?.data);
    expect(data).toEqual(['1\nx', '2\nx', undefined, undefined]);
  });

  it('has all of them though more come at once than may wait', async () => {
    const count = 50_000;
    const body = new TextEncoder().encode('data: 1\n\n'.repeat(count));
    const client = connect('http://127.0.0.1/', {
      fetch: async () => new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }),
    });
    expect(await take(client, count)).toHaveLength(count);
    expect(client.stats().chunkBytes.max).toBe(body.length);
  });

  it('is one of several, which all have all', async () => {
    const server = await serve({ body: events(2_500), ending: 'stay' });
    const client = connect(server);
    const counts = await Promise.all([take(client, 2_500), take(client, 2_500)]);
    expect(counts.map(({ length }) => length)).toEqual([2_500, 2_500]);
  });

  it('that is slow blocks the server, and is not taken for one that hears nothing', async () => {
    const all = 2_500;
    let written = 0;
    function* source() {
      for (; written < all; written += 1) {
        yield events(1, 16_000);
      }
    }
    const server = await serve({
      play(response) {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        Readable.from(source()).pipe(response, { end: false });
      },
    });
    const client = connect(server, { heartbeatMs: 15_000 });
    const loop = client[Symbol.asyncIterator]();
    let heard = 0;
    const full = new Promise<void>((resolve) => {
      client.on('message', () => void ((heard += 1) === HIGH_WATER && resolve()));
    });
    await full;
    await elapse(3_600_000);
    // A chunk is read to its end.
    expect(heard).toBeLessThan(HIGH_WATER + 10);
    expect(written).toBeLessThan(all);
    expect(client.getSnapshot().status).toBe('open');
    for (let taken = 0; taken < all; taken += 1) {
      await loop.next();
    }
    expect(server.requests).toHaveLength(1);
    // And then it hears nothing.
    await elapse(37_501);
    expect(await whenStatus(client, 'waiting')).toMatchObject({ error: { code: 'STALLED' } });
  });

  it.each(['close', 'reconnect'] as const)('that is slow doesn’t hold up %s()', async (method) => {
    const server = await serve({ body: events(3_000), ending: 'stay' });
    const client = connect(server);
    const loop = client[Symbol.asyncIterator]();
    await whenStatus(client, 'open');
    await loop.next();
    client[method]();
    await server.left(1);
    await (method === 'close' ? loop.return?.() : server.request(2));
  });

  it.each(['return', 'throw'] as const)('lets go with %s()', async (method) => {
    const server = await serve({ body: events(3_000), ending: 'stay' });
    const client = connect(server);
    let heard = 0;
    const all = new Promise<void>((resolve) =>
      client.on('message', () => void ((heard += 1) === 3_000 && resolve())),
    );
    const loop = client[Symbol.asyncIterator]();
    await loop.next();
    await loop[method]?.(new Error('enough')).catch(() => undefined);
    await all;
  });
});

it('a queue that nobody reads has an end', async () => {
  const control = new AbortController();
  const queue = createEventQueue<{ n: number }>(() => control.abort());
  let count = 0;
  while (!control.signal.aborted) {
    queue.push({ n: (count += 1) });
  }
  expect(count).toBe(16_385);
  const values: unknown[] = [];
  for (let number = 1; number < count; number += 1) {
    values.push((await queue.iterator.next()).value?.n);
  }
  expect(values.every((value, index) => value === index + 1)).toBe(true);
  await expect(queue.iterator.next()).rejects.toEqual(new SseClientError('ITERATION_OVERFLOW'));
  expect((await queue.iterator.next()).done).toBe(true);
});
