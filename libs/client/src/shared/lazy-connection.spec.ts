import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogServer } from '../spec-support/log-server.js';
import { MemoryLocks } from '../spec-support/memory-locks.js';
import { until } from '../spec-support/until.js';
import { type SseClient, createSseClient } from '../sse-client.js';

const navigator = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
let server: LogServer;
let locks: MemoryLocks;
let clients: SseClient[];

function open(manual = false): SseClient {
  const client = createSseClient('http://server.test/events', {
    shared: true,
    manual,
    fetch: async (url, init) => server.fetch(url, init),
  });
  clients.push(client);
  return client;
}

function provide(given: object): void {
  Object.defineProperty(globalThis, 'navigator', { value: given, configurable: true });
}

beforeEach(() => {
  server = new LogServer();
  locks = new MemoryLocks();
  clients = [];
  provide({ locks: locks.of({}) });
});
afterEach(async () => {
  clients.forEach((client) => client.close());
  await until(() => locks.size === 0);
  delete (globalThis as { navigator?: object }).navigator;
  if (navigator) {
    Object.defineProperty(globalThis, 'navigator', navigator);
  }
});

describe('clients with `shared`', () => {
  it('have one connection', async () => {
    const opened = [open(), open()];
    await until(() => opened.every((client) => client.getSnapshot().status === 'open'));
    server.publish();
    await until(() => opened.every((client) => client.getSnapshot().event?.data === 'event 1'));
    expect(server.connections).toBe(1);
    expect(opened.map((client) => client.stats().events)).toEqual([1, 1]);
  });

  it('are connecting while what they share by is loaded', async () => {
    const client = open(true);
    client.open();
    expect(client.getSnapshot().status).toBe('connecting');
    await until(() => client.getSnapshot().status === 'open');
  });

  it('can be closed and opened before it is', async () => {
    const closed = open(true);
    closed.open();
    closed.close();
    const client = open(true);
    client.open();
    client.close();
    client.reconnect();
    client.open();
    await until(() => client.getSnapshot().status === 'open');
    expect(server.requests).toHaveLength(1);
    expect(closed.getSnapshot().status).toBe('closed');
  });

  it('can be closed when they are first told of', async () => {
    const closed = open();
    closed.subscribe(closed.close);
    await until(() => closed.getSnapshot().status === 'closed');
    const next = open();
    await until(() => next.getSnapshot().status === 'open');
    expect(next.getSnapshot().transport).toBe('stream');
    expect(server.requests).toHaveLength(1);
  });

  it('can wait to be opened by reconnect()', async () => {
    const client = open(true);
    client.reconnect();
    await until(() => client.getSnapshot().status === 'open');
  });

  it('have a connection each where there are no locks', async () => {
    provide({});
    const opened = [open(), open()];
    await until(() => opened.every((client) => client.getSnapshot().transport === 'stream'));
    await until(() => server.connections === 2);
  });
});
