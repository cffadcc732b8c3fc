import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCursor } from '../cursor.js';
import type { LogServer } from '../spec-support/log-server.js';
import { MemoryLocks } from '../spec-support/memory-locks.js';
import { SharedTabs } from '../spec-support/shared-tabs.js';
import { until } from '../spec-support/until.js';

let tabs: SharedTabs;
let server: LogServer;

beforeEach(() => {
  tabs = new SharedTabs();
  ({ server } = tabs);
});
afterEach(() => tabs.close());

describe('tabs of one name', () => {
  it('share one connection, and have every event', async () => {
    const opened = await tabs.openAll(7);
    server.publish();
    server.publishEphemeral('hello');
    server.publish();
    for (const { events } of opened) {
      await until(() => events.length === 3);
      expect(events).toEqual(['event 1', 'hello', 'event 2']);
    }
    expect(server.connections).toBe(1);
    expect(tabs.streams).toBe(1);
    expect(opened.map(({ state }) => state.transport)).toEqual(['stream', ...Array(6).fill('shared')]);
    expect(opened.map(({ cursor }) => cursor.id)).toEqual(Array(7).fill('e.2'));
  });

  it('share nothing with those of another name', async () => {
    await tabs.openAll(2);
    const other = tabs.open({ options: { name: `${tabs.name}, another user` } });
    await until(() => other.state.status === 'open');
    expect(other.state.transport).toBe('stream');
    expect(server.connections).toBe(2);
  });

  it('are told how the connection is', async () => {
    const [, follower] = await tabs.openAll(2);
    server.refuse = () => new Response('', { status: 503 });
    server.cut();
    await until(() => follower?.state.error?.code === 'HTTP_STATUS');
    expect(follower?.errors.map(({ code, status }) => [code, status]).slice(0, 2)).toEqual([
      ['NETWORK', undefined],
      ['HTTP_STATUS', 503],
    ]);
    server.refuse = () => undefined;
    await until(() => follower?.state.status === 'open');
    expect(follower?.state.error).toBeUndefined();
  });
});

describe('a tab that comes later', () => {
  it('has the history first, and then what is live', async () => {
    server.fromStart = true;
    server.publish();
    const [first] = await tabs.openAll(1);
    server.publish();
    const [late] = await tabs.openAll(1);
    server.publish();
    await until(() => late?.events.length === 3);
    expect(late?.events).toEqual(server.published);
    expect(first?.events).toEqual(server.published);
    expect(tabs.streams).toBe(1);
  });

  it('goes on from its own cursor', async () => {
    await tabs.openAll(1);
    const cursor = createCursor(undefined);
    server.publish();
    server.publish();
    cursor.move('e.1');
    const late = tabs.open({ cursor });
    await until(() => late.state.status === 'open');
    expect(late.events).toEqual(['event 2']);
  });

  it('is told what is gone', async () => {
    server.publish();
    const cursor = createCursor(undefined);
    cursor.move('e.0');
    server.trim();
    await tabs.openAll(1);
    const late = tabs.open({ cursor });
    await until(() => late.state.status === 'open');
    expect(late.controls).toContain('sse:gap');
    server.publish();
    await until(() => late.events.length === 1);
  });

  it('is where the others are though the log has moved on', async () => {
    const before = await tabs.openAll(2);
    server.publishElsewhere();
    const after = await tabs.openAll(1);
    server.publishEphemeral('now');
    server.publish('then');
    for (const { events } of [...before, ...after]) {
      await until(() => events.length === 2);
      expect(events).toEqual(['now', 'then']);
    }
    // Each that has come later has asked when it came; one more where the log had moved on.
    expect(server.requests.filter(({ poll }) => poll)).toHaveLength(3);
  });

  it('is live at once where the server answers no polls', async () => {
    server.polls = false;
    server.publish();
    const [first] = await tabs.openAll(1);
    server.publish();
    await until(() => first?.events.length === 1);
    const late = tabs.open();
    await until(() => late.state.status === 'open');
    server.publish();
    await until(() => late.events.length === 1);
    expect(late.state.transport).toBe('shared');
    await until(() => server.connections === 1);
  });

  it('is closed alone if the server refuses it', async () => {
    const [first] = await tabs.openAll(1);
    server.publish();
    server.refuse = ({ headers }) =>
      new Headers(headers).has('Prefer') ? new Response('', { status: 403 }) : undefined;
    const late = tabs.open();
    await until(() => late.state.status === 'closed');
    expect(late.state.error).toMatchObject({ code: 'HTTP_STATUS', status: 403 });
    expect(first?.state.status).toBe('open');
  });

  it('tries again while the server can not answer', async () => {
    const [first] = await tabs.openAll(1);
    server.publish();
    await until(() => first?.events.length === 1);
    let refused = 0;
    server.refuse = ({ headers }) =>
      new Headers(headers).has('Prefer') && (refused += 1) < 4
        ? new Response('', { status: 503 })
        : undefined;
    const cursor = createCursor(undefined);
    cursor.move('e.0');
    const late = tabs.open({ cursor });
    await until(() => late.state.status === 'open');
    expect(late.events).toEqual(['event 1']);
    expect(late.errors).toHaveLength(3);
    expect(first?.events).toEqual(['event 1']);
  });

  it('misses nothing though it is refused by a goodbye', async () => {
    const [first] = await tabs.openAll(1);
    server.publish();
    await until(() => first?.events.length === 1);
    const headers = { 'Content-Type': 'text/event-stream', 'Preference-Applied': 'wait=0' };
    const goodbye = 'retry: 1\n\nevent: sse:goodbye\ndata: {"reason":"server","limit":"perUser"}\n\n';
    let refused = 0;
    server.refuse = () => ((refused += 1) < 3 ? new Response(goodbye, { headers }) : undefined);
    const cursor = createCursor(undefined);
    cursor.move('e.0');
    const late = tabs.open({ cursor });
    await until(() => late.state.status === 'open');
    expect(late.events).toEqual(['event 1']);
    expect(server.requests.map(({ poll }) => poll)).toEqual([false, true, true, true]);
  });
});

it('goes on alone where locks are denied', async () => {
  const denied = new MemoryLocks();
  denied.of = () =>
    ({
      request: async () => Promise.reject(new DOMException('', 'SecurityError')),
    }) as unknown as LockManager;
  const opened = await tabs.openAll(2, { locks: denied });
  expect(server.connections).toBe(2);
  server.write('event: sse:goodbye\ndata: {"reason":"complete"}\n\n');
  for (const tab of opened) {
    await until(() => tab.state.status === 'closed');
    tab.source.open();
  }
  await until(() => server.connections === 2);
});

it('leaves nothing behind', async () => {
  const opened = await tabs.openAll(3);
  opened.forEach((tab) => tab.close());
  await until(() => server.connections === 0);
  await until(() => tabs.locks.size === 0);
  opened[0]?.source.open();
  await until(() => opened[0]?.state.status === 'open');
});
