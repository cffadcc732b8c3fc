import { describe, expect, it } from '@jest/globals';
import { statusesOf, take, useClients, whenSnapshot, whenStatus } from './spec-support/fixture.js';

const { serve, connect } = useClients();
const numbered = (...ids: number[]) => ids.map((id) => `id: ${id}\ndata: ${id}\n\n`).join('');
const staying = (...ids: number[]) => ({ body: `retry: 0\n\n${numbered(...ids)}`, ending: 'stay' as const });

describe('open() and close()', () => {
  it('a client opens by itself', async () => {
    const server = await serve(staying(1));
    const client = connect(server);
    expect(client.getSnapshot()).toMatchObject({ status: 'connecting', transport: 'stream', attempt: 0 });
    const statuses = statusesOf(client);
    await whenSnapshot(client, ({ event }) => event);
    expect(statuses).toEqual(['open']);
    expect(client.lastEventId).toBe('1');
  });

  it('not where that is left to others', async () => {
    const server = await serve(staying(1));
    const client = connect(server, { manual: true });
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.getSnapshot().status).toBe('closed');
    client.open();
    client.open();
    await take(client, 1);
    expect(server.requests).toHaveLength(1);
  });

  it('not if it has been closed before', async () => {
    const server = await serve(staying(1));
    const client = connect(server);
    client.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.getSnapshot().status).toBe('closed');
    expect(server.requests).toHaveLength(0);
  });

  it('goes on from where it was', async () => {
    const server = await serve(staying(1), staying(2));
    const client = connect(server);
    await take(client, 1);
    client.close();
    await server.left(1);
    client.open();
    expect(await take(client, 1)).toMatchObject([{ id: '2' }]);
    expect(server.requests[1]?.headers['last-event-id']).toBe('1');
  });

  it('tells its place even after the end of what was complete, so that it doesn’t get all again', async () => {
    const server = await serve(
      { body: `${numbered(1)}event: sse:goodbye\ndata: {"reason":"complete"}\n\n` },
      staying(1),
    );
    const client = connect(server);
    await whenStatus(client, 'closed');
    client.open();
    await whenStatus(client, 'open');
    expect(server.requests[1]?.headers['last-event-id']).toBe('1');
  });

  it.each([
    ['open', 'open'],
    ['connecting', 'connecting'],
  ] as const)('closes while it is %s, and nothing comes of it any more', async (_name, status) => {
    const server = await serve(status === 'open' ? staying(1) : { play: () => undefined });
    const client = connect(server);
    await server.request(1);
    await whenStatus(client, status);
    const { length } = server.requests;
    const statuses = statusesOf(client);
    client.close();
    client.close();
    await server.left(1);
    expect(statuses).toEqual(['closed']);
    expect(server.requests).toHaveLength(length);
  });

  it('closes while it waits', async () => {
    const server = await serve({ status: 503, headers: { 'Retry-After': '1000000000' } });
    const client = connect(server);
    const { retryAt } = await whenStatus(client, 'waiting');
    // Longer than a timer can wait: as long as one can.
    expect(Number(retryAt) - Date.now()).toBeGreaterThan(2 ** 31 - 60_000);
    expect(Number(retryAt) - Date.now()).toBeLessThan(2 ** 31);
    client.close();
    expect(client.getSnapshot()).toMatchObject({ status: 'closed', retryAt: undefined, error: undefined });
  });

  it('closes while headers are made', async () => {
    const server = await serve(staying(1));
    let asked!: () => void;
    const asking = new Promise<void>((resolve) => (asked = resolve));
    const client = connect(server, {
      headers: () => new Promise(() => asked()),
    });
    await asking;
    client.close();
    expect(client.getSnapshot().status).toBe('closed');
  });
});

describe('reconnect()', () => {
  it.each([
    ['it is open', staying(1)],
    ['it waits', { status: 503, headers: { 'Retry-After': '1000' } }],
    ['nothing comes', { play: () => undefined }],
    ['it is closed', { status: 400 }],
  ])('connects at once while %s', async (_name, answer) => {
    const server = await serve(answer, staying(7));
    const client = connect(server);
    await server.request(1);
    await whenStatus(
      client,
      'status' in answer
        ? answer.status === 400
          ? 'closed'
          : 'waiting'
        : 'body' in answer
          ? 'open'
          : 'connecting',
    );
    client.reconnect();
    await whenSnapshot(client, ({ event }) => event?.id === '7');
    expect(server.requests).toHaveLength(2);
  });

  it('connects at once while headers are made', async () => {
    const server = await serve(staying(7));
    let asked = 0;
    const client = connect(server, {
      headers: () => ((asked += 1) === 1 ? new Promise(() => queueMicrotask(client.reconnect)) : {}),
    });
    await take(client, 1);
    expect(asked).toBe(2);
  });
});

describe('in a listener, in the middle of a chunk', () => {
  it('close() lets nothing more come', async () => {
    const server = await serve(staying(1, 2, 3), staying(3));
    const client = connect(server);
    const seen: unknown[] = [];
    client.on('message', ({ data }) => {
      seen.push(data);
      if (data === 2) {
        client.close();
      }
    });
    await whenStatus(client, 'open');
    await whenStatus(client, 'closed');
    await server.left(1);
    expect(seen).toEqual([1, 2]);
    expect(client.lastEventId).toBe('2');
  });

  it('reconnect() goes on from the last that came', async () => {
    const server = await serve(staying(1, 2, 3), staying(3, 4));
    const client = connect(server);
    const seen: unknown[] = [];
    client.on('message', ({ data }) => {
      seen.push(data);
      if (data === 2) {
        client.reconnect();
      }
    });
    await whenSnapshot(client, ({ event }) => event?.data === 4);
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(server.requests[1]?.headers['last-event-id']).toBe('2');
  });

  it('close() and open() make one connection of two', async () => {
    const server = await serve(staying(1, 2, 3), staying(3, 4));
    const client = connect(server);
    client.on('message', ({ data }) => {
      if (data === 2) {
        client.close();
        client.open();
      }
    });
    await whenSnapshot(client, ({ event }) => event?.data === 4);
    await server.left(1);
    expect(server.requests).toHaveLength(2);
  });

  it('reconnect() after a goodbye goes before it', async () => {
    const server = await serve({ body: 'event: sse:goodbye\ndata: {"reason":"complete"}\n\n' }, staying(1));
    const client = connect(server);
    client.on('sse:goodbye', client.reconnect);
    expect(await take(client, 1)).toMatchObject([{ data: 1 }]);
  });
});

describe.each(['connecting', 'open', 'waiting', 'closed'] as const)(
  'in a subscriber, when it is %s',
  (when) => {
    it('close() and open() leave one connection', async () => {
      const server = await serve(
        { status: 503 },
        { ...staying(1), ending: 'cut' },
        when === 'closed' ? { status: 400 } : staying(2),
      );
      const client = connect(server);
      let done = false;
      const statuses: string[] = [];
      client.subscribe(() => {
        const { status } = client.getSnapshot();
        statuses.push(status);
        if (status === when && !done) {
          done = true;
          client.close();
          client.open();
        }
      });
      await whenSnapshot(client, ({ event, status }) =>
        when === 'closed' ? done && status === 'closed' : event?.id === '2',
      );
      // A request that was given up at once may have come, or not.
      const { length } = server.requests;
      expect(length).toBeGreaterThan(1);
      client.close();
      await Promise.all(server.requests.map((_request, index) => server.left(index + 1)));
      expect(server.requests).toHaveLength(length);
      expect(statuses.at(-1)).toBe('closed');
    });
  },
);

it('close() in a subscriber that open() calls is no end of the client', async () => {
  const server = await serve(staying(1));
  const client = connect(server, { manual: true });
  const stop = client.subscribe(client.close);
  client.open();
  expect(client.getSnapshot().status).toBe('closed');
  stop();
  client.open();
  expect(await take(client, 1)).toMatchObject([{ data: 1 }]);
});

it('reconnect() in a listener for the error doesn’t wait', async () => {
  const server = await serve({ status: 503, headers: { 'Retry-After': '1000' } }, staying(1));
  const client = connect(server);
  client.on('error', client.reconnect);
  expect(await take(client, 1)).toMatchObject([{ data: 1 }]);
});
