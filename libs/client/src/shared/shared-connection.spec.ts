import { afterEach, describe, expect, it } from '@jest/globals';
import { createCursor } from '../cursor.js';
import { LogServer } from '../spec-support/log-server.js';
import { MemoryLocks } from '../spec-support/memory-locks.js';
import { SharedTab, type SharedTabSetup } from '../spec-support/shared-tab.js';
import { until } from '../spec-support/until.js';

let server = new LogServer();
let locks = new MemoryLocks();
let tabs: SharedTab[] = [];
let groups = 0;

function openTab(setup: Partial<SharedTabSetup> = {}): SharedTab {
  const options = { name: `group ${groups}`, ...setup.options };
  const tab = new SharedTab({ server, locks, ...setup, options });
  tabs.push(tab);
  return tab;
}

/** Tabs that are all live, the first of them leading. */
async function openTabs(count: number, setup?: Partial<SharedTabSetup>): Promise<SharedTab[]> {
  const opened: SharedTab[] = [];
  while (opened.length < count) {
    const tab = openTab(setup);
    opened.push(tab);
    await until(() => tab.state.status === 'open');
  }
  return opened;
}

function streams(): number {
  return server.requests.filter(({ poll }) => !poll).length;
}

afterEach(async () => {
  tabs.forEach((tab) => tab.close());
  await until(() => locks.size === 0);
  tabs = [];
  groups += 1;
  server = new LogServer();
  locks = new MemoryLocks();
});

describe('tabs of one name', () => {
  it('share one connection, and have every event', async () => {
    const opened = await openTabs(7);
    server.publish();
    server.publishEphemeral('hello');
    server.publish();
    for (const { events } of opened) {
      await until(() => events.length === 3);
      expect(events).toEqual(['event 1', 'hello', 'event 2']);
    }
    expect(server.connections).toBe(1);
    expect(streams()).toBe(1);
    expect(opened.map(({ state }) => state.transport)).toEqual(['stream', ...Array(6).fill('shared')]);
    expect(opened.map(({ cursor }) => cursor.id)).toEqual(Array(7).fill('e.2'));
  });

  it('share nothing with those of another name', async () => {
    await openTabs(2);
    const other = openTab({ options: { name: `group ${groups}, another user` } });
    await until(() => other.state.status === 'open');
    expect(other.state.transport).toBe('stream');
    expect(server.connections).toBe(2);
  });

  it('are told how the connection is', async () => {
    const [, follower] = await openTabs(2);
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
    const [first] = await openTabs(1);
    server.publish();
    const [late] = await openTabs(1);
    server.publish();
    await until(() => late?.events.length === 3);
    expect(late?.events).toEqual(server.published);
    expect(first?.events).toEqual(server.published);
    expect(streams()).toBe(1);
  });

  it('goes on from its own cursor', async () => {
    await openTabs(1);
    const cursor = createCursor(undefined);
    server.publish();
    server.publish();
    cursor.move('e.1');
    const late = openTab({ cursor });
    await until(() => late.state.status === 'open');
    expect(late.events).toEqual(['event 2']);
  });

  it('is told what is gone', async () => {
    server.publish();
    const cursor = createCursor(undefined);
    cursor.move('e.0');
    server.trim();
    await openTabs(1);
    const late = openTab({ cursor });
    await until(() => late.state.status === 'open');
    expect(late.controls).toContain('sse:gap');
    server.publish();
    await until(() => late.events.length === 1);
  });

  it('is where the others are though the log has moved on', async () => {
    const before = await openTabs(2);
    server.publishElsewhere();
    const after = await openTabs(1);
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
    const [first] = await openTabs(1);
    server.publish();
    await until(() => first?.events.length === 1);
    const late = openTab();
    await until(() => late.state.status === 'open');
    server.publish();
    await until(() => late.events.length === 1);
    expect(late.state.transport).toBe('shared');
    await until(() => server.connections === 1);
  });

  it('is closed alone if the server refuses it', async () => {
    const [first] = await openTabs(1);
    server.publish();
    server.refuse = ({ headers }) =>
      new Headers(headers).has('Prefer') ? new Response('', { status: 403 }) : undefined;
    const late = openTab();
    await until(() => late.state.status === 'closed');
    expect(late.state.error).toMatchObject({ code: 'HTTP_STATUS', status: 403 });
    expect(first?.state.status).toBe('open');
  });

  it('tries again while the server can not answer', async () => {
    const [first] = await openTabs(1);
    server.publish();
    await until(() => first?.events.length === 1);
    let refused = 0;
    server.refuse = ({ headers }) =>
      new Headers(headers).has('Prefer') && (refused += 1) < 4
        ? new Response('', { status: 503 })
        : undefined;
    const cursor = createCursor(undefined);
    cursor.move('e.0');
    const late = openTab({ cursor });
    await until(() => late.state.status === 'open');
    expect(late.events).toEqual(['event 1']);
    expect(late.errors).toHaveLength(3);
    expect(first?.events).toEqual(['event 1']);
  });
});

describe('when the tab that leads', () => {
  it.each(['close', 'crash'] as const)('is gone (%s), another takes over where it was', async (end) => {
    const [first, second, third] = await openTabs(3);
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
    const [first] = await openTabs(1);
    server.publish();
    await until(() => first?.events.length === 2);
    const [second, third] = [openTab(), openTab()];
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
    const opened = await openTabs(3);
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
    expect(locks.size).toBe(0);
  });

  it('has come to the end, any of them can be opened again', async () => {
    const opened = await openTabs(2);
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
    const [first, second] = await openTabs(2);
    second?.source.reconnect();
    await until(() => streams() === 2 && first?.state.status === 'open');
    expect(server.connections).toBe(1);
    first?.source.reconnect();
    await until(() => streams() === 3 && second?.state.status === 'open');
  });

  it('opens what is closed', async () => {
    const [first] = await openTabs(1);
    first?.close();
    first?.source.reconnect();
    await until(() => server.connections === 1 && streams() === 2);
  });
});

describe('what comes over the channel', () => {
  it('is read only if it is ours', async () => {
    const [, follower] = await openTabs(2);
    const channel = new BroadcastChannel(`nestcast:group ${groups}`);
    for (const junk of [undefined, null, 7, 'x', {}, { from: 1 }, { from: 'x' }, { ask: 'state' }, []]) {
      channel.postMessage(junk);
    }
    channel.close();
    server.publish();
    await until(() => follower?.events.length === 1);
  });

  it('is made up for where a message is lost', async () => {
    let losing = false;
    const lossy = (name: string): BroadcastChannel => {
      const channel = new BroadcastChannel(name);
      const post = channel.postMessage.bind(channel);
      channel.postMessage = (message) => (losing ? undefined : post(message));
      return channel;
    };
    const [first, second] = await openTabs(2, { channel: lossy });
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
    const [first] = await openTabs(1);
    const second = openTab();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await until(() => second.state.status === 'open');
    const cursor = createCursor(undefined);
    cursor.move('e.0');
    server.publish();
    const late = openTab({
      cursor,
      fetch: async (url, init) => {
        const response = server.fetch(url, init);
        await held;
        return response;
      },
    });
    await until(() => server.requests.some(({ poll }) => poll));
    for (let count = 0; count < 3_000; count += 1) {
      server.publish();
    }
    await until(() => first?.events.length === 3_001);
    release();
    await until(() => late.events.length === 3_001);
    expect(late.events).toEqual(server.published);
  });
});

it('goes on alone where locks are denied', async () => {
  const denied = new MemoryLocks();
  denied.of = () =>
    ({
      request: async () => Promise.reject(new DOMException('', 'SecurityError')),
    }) as unknown as LockManager;
  const opened = await openTabs(2, { locks: denied });
  expect(server.connections).toBe(2);
  server.write('event: sse:goodbye\ndata: {"reason":"complete"}\n\n');
  for (const tab of opened) {
    await until(() => tab.state.status === 'closed');
    tab.source.open();
  }
  await until(() => server.connections === 2);
});

it('leaves nothing behind', async () => {
  const opened = await openTabs(3);
  opened.forEach((tab) => tab.close());
  expect(server.connections).toBe(0);
  await until(() => locks.size === 0);
  opened[0]?.source.open();
  await until(() => opened[0]?.state.status === 'open');
});
