import { expect, it } from '@jest/globals';
import { take, useClients, whenSnapshot } from './spec-support/fixture.js';

const { serve, connect } = useClients();

it('counts what comes, in all streams of a client', async () => {
  const body = 'retry: 0\n\nid: 1\ndata: 1\n\ndata: 2\n\n';
  const server = await serve({ body }, { status: 503 }, { body, ending: 'stay' });
  const client = connect(server);
  expect(client.stats()).toMatchObject({ opens: 0, reconnects: 0, events: 0, timeToFirstByteMs: undefined });
  await take(client, 4);
  const { chunkBytes, eventGapMs, chunkGapMs, ...stats } = client.stats();
  expect(stats).toMatchObject({ opens: 2, reconnects: 1, events: 4, bytes: 2 * body.length });
  expect(stats.timeToFirstByteMs).toBeGreaterThan(0);
  expect(stats.eventsPerSecond).toBeGreaterThan(0);
  expect(stats.bytesPerSecond / stats.eventsPerSecond).toBeCloseTo(body.length / 2);
  expect(chunkBytes.count).toBeGreaterThanOrEqual(2);
  expect(chunkBytes.mean * chunkBytes.count).toBeCloseTo(2 * body.length);
  expect(chunkBytes.max).toBeLessThanOrEqual(body.length);
  // One within each stream, none between them.
  expect(eventGapMs.count).toBe(2);
  expect(eventGapMs.max).toBeGreaterThanOrEqual(eventGapMs.mean);
  expect(chunkGapMs.count).toBe(chunkBytes.count - 2);
});

it('counts chunks and the time between them', async () => {
  const server = await serve({ body: 'data: 1\n\n', ending: 'stay' });
  const client = connect(server);
  await whenSnapshot(client, ({ event }) => event?.data === 1);
  (await server.request(1)).response.write('data: 22\n\n');
  await whenSnapshot(client, ({ event }) => event?.data === 22);
  expect(client.stats()).toMatchObject({
    chunkBytes: { count: 2, mean: 9.5, max: 10 },
    chunkGapMs: { count: 1, mean: expect.any(Number), max: expect.any(Number) },
  });
});
