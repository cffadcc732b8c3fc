import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LogServer } from '../spec-support/log-server.js';
import { SharedTabs } from '../spec-support/shared-tabs.js';
import { until } from '../spec-support/until.js';

let tabs: SharedTabs;
let server: LogServer;

beforeEach(() => {
  tabs = new SharedTabs();
  ({ server } = tabs);
});
afterEach(() => tabs.close());

describe('when the tab that leads', () => {
  it.each(['close', 'crash'] as const)('is gone (%s), another takes over where it was', async (end) => {
    const [first, second, third] = await tabs.openAll(3);
    server.publish();
    await until(() => third?.events.length === 1);
    first?.[end]();
    server.publish();
    await until(() => third?.events.length === 2);
    server.publish();
    for (const tab of [second, third]) {
      await until(() => tab?.events.length === 3);
      expect(tab?.events).toEqual(server.published);
    }
    expect(second?.state.transport).toBe('stream');
    expect(server.requests.filter(({ poll }) => !poll).map(({ lastEventId }) => lastEventId)).toEqual([
      null,
      'e.1',
    ]);
  });

  it('is gone before the next has heard of it, that one begins by itself', async () => {
    server.fromStart = true;
    server.publish();
    const [first] = await tabs.openAll(1);
    server.publish();
    await until(() => first?.events.length === 2);
    const [second, third] = [tabs.open(), tabs.open()];
    first?.crash();
    for (const tab of [second, third]) {
      await until(() => tab.events.length === 2 && tab.state.status === 'open');
      expect(tab.events).toEqual(server.published);
    }
    server.publish();
    await until(() => third.events.length === 3);
    expect(server.connections).toBe(1);
  });

  it.each([
    ['complete', 'event: sse:goodbye\ndata: {"reason":"complete"}\n\n', undefined],
    ['refused', '', 403],
  ])('has come to the end (%s), all are closed', async (_name, text, status) => {
    const opened = await tabs.openAll(3);
    server.publish();
    server.refuse = () => (status ? new Response('', { status }) : undefined);
    server.write(text);
    if (status) {
      server.cut();
    }
    for (const tab of opened) {
      await until(() => tab.state.status === 'closed');
      expect(tab.events).toEqual(['event 1']);
      expect(tab.state.error?.status).toBe(status);
      expect(tab.cursor.id).toBe('e.1');
    }
    await until(() => tabs.locks.size === 0);
  });

  it('has come to the end, any of them can be opened again', async () => {
    const opened = await tabs.openAll(2);
    server.write('event: sse:goodbye\ndata: {"reason":"complete"}\n\n');
    for (const tab of opened) {
      await until(() => tab.state.status === 'closed');
    }
    opened.toReversed().forEach(({ source }) => source.open());
    for (const tab of opened) {
      await until(() => tab.state.status === 'open');
    }
    expect(opened[1]?.state.transport).toBe('stream');
  });
});

describe('reconnect()', () => {
  it('of any tab is the connection of all', async () => {
    const [first, second] = await tabs.openAll(2);
    second?.source.reconnect();
    await until(() => tabs.streams === 2 && first?.state.status === 'open');
    expect(server.connections).toBe(1);
    first?.source.reconnect();
    await until(() => tabs.streams === 3 && second?.state.status === 'open');
  });

  it('opens what is closed', async () => {
    const [first] = await tabs.openAll(1);
    first?.close();
    first?.source.reconnect();
    await until(() => server.connections === 1 && tabs.streams === 2);
  });
});
