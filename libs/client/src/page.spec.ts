import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCursor } from './cursor.js';
import { statusesOf, take, useClients, whenSnapshot, whenStatus } from './spec-support/fixture.js';

const { serve, connect } = useClients();
const staying = (id: number) => ({ body: `retry: 0\n\nid: ${id}\ndata: ${id}\n\n`, ending: 'stay' as const });

const define = (name: string, descriptor: PropertyDescriptor): void => {
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, ...descriptor });
};

/** Makes the process a page that a spec shows, hides and takes away. */
describe('a page', () => {
  const names = ['addEventListener', 'removeEventListener', 'document', 'navigator', 'sessionStorage'];
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  /** The events that a client listens for. */
  const listening = new Set<string>();
  let events: EventTarget;
  const page = { hidden: false };
  const tell = (type: string, more?: object): void =>
    void events.dispatchEvent(Object.assign(new Event(type), more));

  beforeEach(() => {
    events = new EventTarget();
    listening.clear();
    page.hidden = false;
    define('document', { value: page });
    define('addEventListener', {
      value: (type: string, listener: EventListener) => {
        listening.add(type);
        events.addEventListener(type, listener);
      },
    });
    define('removeEventListener', {
      value: (type: string, listener: EventListener) => {
        listening.delete(type);
        events.removeEventListener(type, listener);
      },
    });
  });
  afterEach(() => {
    for (const [name, descriptor] of before) {
      if (descriptor) {
        Object.defineProperty(globalThis, name, descriptor);
      } else {
        Reflect.deleteProperty(globalThis, name);
      }
    }
  });

  it('that is put away closes, and goes on when it is shown again', async () => {
    const server = await serve(staying(1), staying(2));
    const client = connect(server);
    const statuses = statusesOf(client);
    await take(client, 1);
    page.hidden = true;
    tell('pagehide', { persisted: true });
    tell('visibilitychange');
    await server.left(1);
    expect(client.getSnapshot()).toMatchObject({ status: 'waiting', retryAt: undefined, error: undefined });
    page.hidden = false;
    tell('visibilitychange');
    tell('pageshow', { persisted: true });
    expect(await take(client, 1)).toMatchObject([{ id: '2' }]);
    expect(server.requests[1]?.headers['last-event-id']).toBe('1');
    expect(statuses).toEqual(['open', 'waiting', 'connecting', 'open']);
  });

  it('that is shown for the first time changes nothing, and neither does one that is hidden', async () => {
    const server = await serve(staying(1));
    const client = connect(server);
    await take(client, 1);
    tell('pageshow', { persisted: false });
    page.hidden = true;
    tell('visibilitychange');
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.getSnapshot().status).toBe('open');
    expect(server.requests).toHaveLength(1);
  });

  it('that is hidden closes if it is asked to, and opens only when it is seen', async () => {
    const server = await serve(staying(1), staying(2));
    page.hidden = true;
    const client = connect(server, { pauseWhenHidden: true });
    await whenStatus(client, 'waiting');
    expect(server.requests).toHaveLength(0);
    page.hidden = false;
    tell('visibilitychange');
    await take(client, 1);
    page.hidden = true;
    tell('visibilitychange');
    await server.left(1);
    expect(client.getSnapshot().status).toBe('waiting');
    page.hidden = false;
    tell('visibilitychange');
    expect(await take(client, 1)).toMatchObject([{ id: '2' }]);
  });

  it('that is online again connects at once', async () => {
    const server = await serve({ status: 503, headers: { 'Retry-After': '1000' } }, staying(1), staying(2));
    const client = connect(server);
    await whenStatus(client, 'waiting');
    tell('online');
    await take(client, 1);
    tell('online');
    expect(await take(client, 1)).toMatchObject([{ id: '2' }]);
  });

  it('that is offline counts no attempt', async () => {
    define('navigator', { value: { onLine: false } });
    const server = await serve({ status: 503 });
    const client = connect(server, { backoff: { baseMs: 0, maxAttempts: 2 } });
    await server.request(4);
    define('navigator', { value: { onLine: true } });
    tell('online');
    expect(await whenStatus(client, 'closed')).toMatchObject({ attempt: 2 });
  });

  it('is left alone once a client is closed, by whomever', async () => {
    const server = await serve(staying(1), { status: 404 });
    const client = connect(server, { pauseWhenHidden: true });
    await take(client, 1);
    expect(listening.size).toBe(4);
    client.close();
    expect(listening.size).toBe(0);
    tell('pageshow', { persisted: true });
    expect(client.getSnapshot().status).toBe('closed');
    client.open();
    await whenSnapshot(client, ({ error }) => error);
    expect(listening.size).toBe(0);
  });

  it('is left alone by a client that is closed, or opened, while it is opened', async () => {
    const server = await serve(staying(1));
    const client = connect(server, { manual: true });
    const stopClosing = client.subscribe(client.close);
    client.open();
    stopClosing();
    expect(listening.size).toBe(0);
    tell('pageshow');
    expect(client.getSnapshot().status).toBe('closed');
    const stopOpening = client.subscribe(client.open);
    client.open();
    stopOpening();
    await take(client, 1);
    client.close();
    expect(listening.size).toBe(0);
  });

  it('keeps the last event id in its session, until the end', async () => {
    const values = new Map<string, string>();
    define('sessionStorage', {
      value: {
        getItem: (key: string) => values.get(key) ?? null,
        setItem: (key: string, value: string) => void values.set(key, value),
        removeItem: (key: string) => void values.delete(key),
      },
    });
    const server = await serve(staying(1), staying(2), { status: 204 });
    const first = connect(server, { persist: true, name: 'ann' });
    await take(first, 1);
    first.close();
    expect([...values]).toEqual([['nestcast:ann', '1']]);
    const second = connect(server, { persist: true, name: 'ann' });
    await take(second, 1);
    expect(server.requests[1]?.headers['last-event-id']).toBe('1');
    second.reconnect();
    await whenStatus(second, 'closed');
    expect(values.size).toBe(0);
  });

  it.each([
    [
      'may not use its storage',
      {
        get: () => {
          throw new Error('SecurityError');
        },
      },
    ],
    [
      'has no room in it',
      {
        value: {
          getItem: () => null,
          setItem: () => {
            throw new Error('QuotaExceededError');
          },
        },
      },
    ],
  ])('that %s has a cursor all the same', (_name, descriptor: PropertyDescriptor) => {
    Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, ...descriptor });
    const cursor = createCursor('nestcast:x');
    expect(cursor.id).toBe('');
    cursor.move('7');
    expect(cursor.id).toBe('7');
    cursor.forget();
    expect(createCursor(undefined).id).toBe('');
  });
});
