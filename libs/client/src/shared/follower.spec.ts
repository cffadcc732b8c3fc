import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCursor } from '../cursor.js';
import type { LogServer } from '../spec-support/log-server.js';
import { SharedTabs } from '../spec-support/shared-tabs.js';
import { until } from '../spec-support/until.js';

let tabs: SharedTabs;
let server: LogServer;
let losing: boolean;
const lossy = (name: string): BroadcastChannel => {
  const channel = new BroadcastChannel(name);
  const post = channel.postMessage.bind(channel);
  channel.postMessage = (message) => (losing ? undefined : post(message));
  return channel;
};

beforeEach(() => {
  losing = false;
  tabs = new SharedTabs();
  ({ server } = tabs);
});
afterEach(() => tabs.close());

describe('what comes over the channel', () => {
  it('is read only if it is ours', async () => {
    const [, follower] = await tabs.openAll(2);
    const channel = new BroadcastChannel(`nestcast:${tabs.name}`);
    for (const junk of [undefined, null, 7, 'x', {}, { from: 1 }, { from: 'x' }, { ask: 'state' }, []]) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is a window's
      channel.postMessage(junk);
    }
    channel.close();
    server.publish();
    await until(() => follower?.events.length === 1);
  });

  it('is made up for where a message is lost', async () => {
    const [first, second] = await tabs.openAll(2, { channel: lossy });
    losing = true;
    server.publish();
    await until(() => first?.events.length === 1);
    losing = false;
    server.publish();
    await until(() => second?.events.length === 2);
    expect(second?.events).toEqual(server.published);
    expect(server.requests.at(-1)).toEqual({ lastEventId: 'e.0', poll: true });
  });

  it('comes in order though much of it has been missed', async () => {
    const [first] = await tabs.openAll(1);
    const held = new EventEmitter();
    const cursor = createCursor(undefined);
    cursor.move('e.0');
    server.publish();
    await until(() => first?.events.length === 1);
    const late = tabs.open({
      cursor,
      fetch: async (url, init) => {
        const response = server.fetch(url, init);
        if (server.requests.length === 2) {
          await once(held, 'release');
        }
        return response;
      },
    });
    await until(() => server.requests.some(({ poll }) => poll));
    for (let count = 0; count < 3_000; count += 1) {
      server.publish();
    }
    await until(() => first?.events.length === 3_001);
    held.emit('release');
    await until(() => late.events.length === 3_001);
    expect(late.events).toEqual(server.published);
  });
});

describe('when the page is seen again', () => {
  const page = new EventTarget();
  const seeAgain = (): unknown => page.dispatchEvent(new Event('visibilitychange'));
  beforeEach(() => void Object.defineProperty(globalThis, 'document', { value: page, configurable: true }));
  afterEach(() => void delete (globalThis as { document?: unknown }).document);

  it('what is lost is made up for, though nothing more comes', async () => {
    const [first, second, third] = await tabs.openAll(3, { channel: lossy });
    losing = true;
    server.publish();
    await until(() => first?.events.length === 1);
    losing = false;
    third?.close();
    seeAgain();
    await until(() => second?.events.length === 1);
    expect(third?.events).toEqual([]);
    expect(server.connections).toBe(1);
  });

  it('an error is told no second time', async () => {
    const [, follower] = await tabs.openAll(2);
    const headers = { 'Retry-After': '60' };
    server.refuse = () => new Response('', { status: 503, headers });
    server.cut();
    await until(() => follower?.state.error?.code === 'HTTP_STATUS');
    const told = follower?.states.length ?? 0;
    seeAgain();
    await until(() => (follower?.states.length ?? 0) > told);
    expect(follower?.errors.map(({ code }) => code)).toEqual(['NETWORK', 'HTTP_STATUS']);
    expect(follower?.state).toMatchObject({ status: 'waiting', error: { status: 503 } });
  });
});
