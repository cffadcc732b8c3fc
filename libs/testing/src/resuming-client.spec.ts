import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LocalServer, openStream } from './local-server.fixture.js';
import { ResumingClient, type ResumingClientOptions } from './resuming-client.js';

describe('ResumingClient', () => {
  let server: LocalServer | undefined;
  let client: ResumingClient | undefined;
  const asked: (string | undefined)[] = [];
  /** Answers the n-th request with the n-th handler, and every later one with the last. */
  const follow = async (
    handlers: ((response: ServerResponse, request: IncomingMessage) => void)[],
    options?: ResumingClientOptions,
  ): Promise<ResumingClient> => {
    asked.length = 0;
    server = await LocalServer.start((request, response) => {
      const handler = handlers[Math.min(asked.length, handlers.length - 1)];
      asked.push(request.headers['last-event-id']?.toString());
      handler?.(response, request);
    });
    client = new ResumingClient(server.url, options);
    return client;
  };
  afterEach(async () => {
    await client?.close();
    await server?.stop();
    client = undefined;
  });

  it('comes back with the last id after an end, a cut and a lone id', async () => {
    const following = await follow([
      (response) => {
        openStream(response);
        response.end('id: 1\ndata: a\n\n');
      },
      (response) => {
        openStream(response);
        response.write('id: 2\ndata: b\n\n', () => response.destroy());
      },
      send('id: 3\n\n: filler\n\nevent: x\ndata: c\n\n'),
      send('data: d\n\n'),
    ]);
    await following.until(({ events }) => events.length === 3);
    await following.cut();
    await following.until(({ events }) => events.length === 4);
    expect(following.events.map(({ type, data, id }) => [type, data, id])).toEqual([
      ['message', 'a', '1'],
      ['message', 'b', '2'],
      ['x', 'c', '3'],
      ['message', 'd', '3'],
    ]);
    expect(asked).toEqual([undefined, '1', '2', '3']);
    expect(following.reconnects).toBe(3);
  });

  it('asks where to go before each attempt', async () => {
    const ids: (string | undefined)[] = [];
    server = await LocalServer.start((request, response) => {
      ids.push(`${request.url} ${String(request.headers['last-event-id'])}`);
      openStream(response);
      response.end('id: 1\ndata: a\n\n');
    });
    const urls = [`${server.url}one`, `${server.url}other`];
    client = new ResumingClient(() => urls.shift() ?? `${server?.url}other`);
    await client.until(({ events }) => events.length === 3);
    expect(ids.slice(0, 3)).toEqual(['/one undefined', '/other 1', '/other 1']);
  });

  it('collects gaps and keeps control events apart', async () => {
    const gap = { reason: 'trimmed', channels: ['a'], id: 'e.9' };
    const following = await follow([
      send(`event: sse:connected\ndata: {}\n\nevent: sse:gap\ndata: ${JSON.stringify(gap)}\n\nid: e.9\n\n`),
    ]);
    await following.until(({ lastEventId }) => lastEventId === 'e.9');
    expect(following.gaps).toEqual([gap]);
    expect(following.controls.map(({ type }) => type)).toEqual(['sse:connected', 'sse:gap']);
    expect(following.events).toEqual([]);
  });

  it('keeps trying while the server fails or refuses', async () => {
    const following = await follow(
      [
        (response) => response.writeHead(503).end('busy'),
        (response) => response.destroy(),
        send('data: at last\n\n'),
      ],
      { backoffMs: 1, lastEventId: 'start' },
    );
    await following.connected();
    await following.until(({ events }) => events.length === 1);
    expect(asked).toEqual(['start', 'start', 'start']);
    expect(following.refusals).toHaveLength(1);
    expect(following.reconnects).toBe(0);
  });

  it('heeds the last retry hint where it shall, also when it is refused', async () => {
    const at: number[] = [];
    const end = (text: string) => (response: ServerResponse) => {
      at.push(performance.now());
      openStream(response);
      response.end(text);
    };
    const following = await follow(
      [
        end('retry: 1\n\nretry: 80\n\n'),
        (response) => {
          at.push(performance.now());
          response.writeHead(503).end();
        },
        end('retry: 30000\n\ndata: a\n\n'),
      ],
      { heedRetry: true, backoffMs: 1 },
    );
    await following.until(({ events }) => events.length === 1);
    const [first = 0, second = 0, third = 0] = at;
    expect([second - first >= 79, third - second >= 79]).toEqual([true, true]);
    await following.close();
    expect(asked).toHaveLength(3);
  });

  it('stops on 204', async () => {
    const following = await follow([
      (response) => {
        openStream(response);
        response.end('data: a\n\n');
      },
      (response) => response.writeHead(204).end(),
    ]);
    await following.until(({ stopped }) => stopped);
    await expect(following.until(() => false)).rejects.toThrow('The server answered 204');
    await expect(following.cut()).rejects.toThrow('The server answered 204');
    expect(asked).toHaveLength(2);
  });

  it('fails for good on a 4xx, as EventSource does', async () => {
    const following = await follow([(response) => response.writeHead(401).end()]);
    await expect(following.connected()).rejects.toThrow('The server answered 401');
  });

  it('ends its waits when it is closed', async () => {
    const following = await follow([send('data: a\n\n')]);
    await following.connected();
    const waiting = expect(following.until(() => false)).rejects.toThrow('The client is closed.');
    await following.close();
    await waiting;
  });

  it('fails on a gap that tells nothing', async () => {
    const following = await follow([send('event: sse:gap\ndata: {}\n\n')]);
    await expect(following.until(() => false)).rejects.toThrow('An sse:gap has to tell');
  });
});

const send =
  (text: string) =>
  (response: ServerResponse): void => {
    openStream(response);
    response.write(text);
  };
