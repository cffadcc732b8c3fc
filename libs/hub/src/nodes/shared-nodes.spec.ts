import { describe, expect, it } from '@jest/globals';
import { caught } from '../spec-support/caught.js';
import { openClient, publishAll, request, settled } from '../spec-support/hub-fixture.js';
import { type NodeFixture, type NodesFixture, setUpNodes } from '../spec-support/nodes-fixture.js';
import type { OwnConnections } from './own-connections.js';
import { SharedNodes } from './shared-nodes.js';
import { controlsOf } from '../spec-support/stream-text.js';

const reasons = (...clients: { readonly connection: { readonly closeReason: unknown } }[]): unknown[] =>
  clients.map(({ connection }) => connection.closeReason);

const nobody = { ip: undefined, tenant: undefined, lastEventId: undefined };

async function two(): Promise<NodesFixture & { readonly a: NodeFixture; readonly b: NodeFixture }> {
  const fixture = await setUpNodes(2);
  const [a, b] = fixture.nodes as [NodeFixture, NodeFixture];
  return { ...fixture, a, b };
}

describe('disconnect() and unsubscribe() over several nodes', () => {
  it('reach every node, and tell how many it was', async () => {
    const { a, b } = await two();
    const ann = await Promise.all([a, b, b].map(({ hub }) => openClient(hub, ['news'], { userId: 'ann' })));
    const bob = await Promise.all([a, b].map(({ hub }) => openClient(hub, ['news'], { userId: 'bob' })));
    expect(await a.hub.disconnect({ userId: 'ann' }, 'revoked')).toBe(3);
    expect(reasons(...ann)).toEqual(['revoked', 'revoked', 'revoked']);
    expect(await b.hub.unsubscribe({ userId: 'bob' }, 'news')).toBe(2);
    expect(reasons(...bob)).toEqual(['revoked', 'revoked']);
    expect(await a.hub.disconnect({ userId: 'nobody' })).toBe(0);
    expect([...a.errors, ...b.errors]).toEqual([]);
  });

  it('come after what was published before them, and before what is published after', async () => {
    const { a, b } = await two();
    const clients = await Promise.all([a, b].map(({ hub }) => openClient(hub, ['news'], { userId: 'ann' })));
    void a.hub.publish('news', { data: 'you have been removed' });
    const disconnected = a.hub.disconnect({ userId: 'ann' });
    await disconnected;
    await publishAll(b.hub, 'news', 'a secret');
    await settled();
    expect(clients.map(({ data }) => data)).toEqual([['you have been removed'], ['you have been removed']]);
  });

  it('refuse a filter that names nothing, and a reason that is none, before anybody is asked', async () => {
    const { a } = await two();
    await expect(a.hub.disconnect({})).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(a.hub.disconnect({ userId: 'ann' }, 'drain' as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    await expect(a.hub.unsubscribe({}, 'news')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('take back rights that are on the way to another node', async () => {
    const { a, b, clock } = await two();
    const entitledAt = clock.now();
    clock.advance(1);
    await a.hub.disconnect({ userId: 'ann' }, 'revoked');
    const { transport } = request(b.hub);
    const late = b.hub.connect({ userId: 'ann', entitledAt, transport, ...nobody });
    expect(late.closeReason).toBe('revoked');
  });

  it('take them back where a node has come since', async () => {
    const { a, add, clock } = await two();
    const entitledAt = clock.now();
    clock.advance(1);
    await a.hub.disconnect({ userId: 'ann' }, 'revoked');
    clock.advance(1);
    const late = add();
    await settled();
    const init = { userId: 'ann', transport: request(late.hub).transport, ...nobody };
    expect(late.hub.connect({ ...init, entitledAt }).closeReason).toBe('revoked');
    expect(late.hub.connect({ ...init, entitledAt: clock.now() }).closed).toBe(false);
  });

  it('reach a node that was cut off when it is back, and wait a second for it', async () => {
    const { a, b, pass } = await two();
    const [here, there] = [
      await openClient(a.hub, ['news'], { userId: 'ann' }),
      await openClient(b.hub, ['news'], { userId: 'ann' }),
    ];
    b.network.cut();
    const disconnected = a.hub.disconnect({ userId: 'ann' }, 'revoked');
    await settled();
    expect(reasons(here, there)).toEqual(['revoked', undefined]);
    await pass(1_000);
    expect(await disconnected).toBe(1);
    b.network.mend();
    await settled();
    expect(reasons(there)).toEqual(['revoked']);
  });

  it('act here where this node is cut off, and where it hears nothing of itself', async () => {
    const { a, b, pass } = await two();
    const [here, there] = [
      await openClient(a.hub, ['news'], { userId: 'ann' }),
      await openClient(b.hub, ['news'], { userId: 'ann' }),
    ];
    a.network.cut();
    const disconnected = a.hub.disconnect({ userId: 'ann' }, 'revoked');
    await pass(1_000);
    // The other's answer has not come.
    expect(await disconnected).toBe(1);
    expect(reasons(here, there)).toEqual(['revoked', 'revoked']);
  });

  it('act here and reject where the broker is away', async () => {
    const { a, b } = await two();
    const [here, there] = [
      await openClient(a.hub, ['news'], { userId: 'ann' }),
      await openClient(b.hub, ['news'], { userId: 'ann' }),
    ];
    a.network.away = true;
    const error = await caught(() => a.hub.disconnect({ userId: 'ann' }, 'revoked'));
    expect(error).toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(String(error)).toContain('other nodes may not have been told');
    expect(reasons(here, there)).toEqual(['revoked', undefined]);
  });

  it('act here and reject after a second where the broker answers nothing', async () => {
    const { a, pass } = await two();
    const here = await openClient(a.hub, ['news'], { userId: 'ann' });
    a.network.mute = true;
    const disconnected = caught(() => a.hub.disconnect({ userId: 'ann' }, 'revoked'));
    await pass(1_000);
    expect(await disconnected).toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(reasons(here)).toEqual(['revoked']);
  });

  it('resolve when they are made here, if that takes longer than the answers', async () => {
    const { log, clock, pass } = await setUpNodes(0);
    let make: ((count: number) => void) | undefined;
    const made = new Promise<number>((resolve) => (make = resolve));
    const own = {
      count: 0,
      sent: async () => undefined,
      select: () => () => made,
    } as Partial<OwnConnections>;
    const errors: unknown[] = [];
    const node = new SharedNodes('a', own as OwnConnections, {
      broker: log,
      clock,
      onError: (error) => errors.push(error),
    });
    await settled();
    let count: number | undefined;
    const change = node.change({ kind: 'disconnect', filter: { userId: 'ann' }, reason: 'server' });
    const counted = change.then((value) => (count = value));
    await pass(3_000);
    expect(count).toBeUndefined();
    make?.(2);
    expect([await counted, errors]).toEqual([2, []]);
    await node.leave();
  });

  it('are not waited for by a node that has gone', async () => {
    const { a, b, nodes } = await two();
    expect(nodes.length).toBe(2);
    await b.hub.close();
    await settled();
    expect(a.hub.nodes()).toHaveLength(1);
    expect(await a.hub.disconnect({ userId: 'ann' })).toBe(0);
  });
});

describe('a node that was cut off for longer than the log keeps', () => {
  it('ends all its streams, each with a moment of its own to come back', async () => {
    const { nodes, pass } = await setUpNodes(2, { maxEvents: 1_000, maxAgeMs: 10_000 });
    const [a, b] = nodes as [NodeFixture, NodeFixture];
    const clients = await Promise.all(
      ['ann', 'bob', 'eve'].map((userId) => openClient(b.hub, ['news'], { userId })),
    );
    b.network.cut();
    const disconnected = a.hub.disconnect({ userId: 'ann' }, 'revoked');
    await pass(11_000);
    await disconnected;
    b.network.mend();
    await settled();
    expect(reasons(...clients)).toEqual(['server', 'server', 'server']);
    const moments = clients.map(
      ({ transport }) => (controlsOf(transport.text, 'sse:goodbye')[0] as { retryMs: number }).retryMs,
    );
    expect(new Set(moments).size).toBe(3);
    expect(b.errors).toEqual([expect.stringContaining('cut off for longer than the log keeps')]);
  });

  it('ends none where there was nothing to miss', async () => {
    const { nodes, pass } = await setUpNodes(2, { maxEvents: 1_000, maxAgeMs: 10_000 });
    const [a, b] = nodes as [NodeFixture, NodeFixture];
    await a.hub.disconnect({ userId: 'ann' });
    await pass(60_000);
    const client = await openClient(b.hub, ['news']);
    b.network.cut();
    await pass(60_000);
    b.network.mend();
    await settled();
    expect(reasons(client)).toEqual([undefined]);
  });
});

describe('presence() over several nodes', () => {
  it('is of all nodes, a user a line', async () => {
    const { a, b } = await two();
    for (const [{ hub }, userId] of [
      [a, 'ann'],
      [b, 'ann'],
      [b, 'bob'],
      [b, undefined],
    ] as const) {
      await openClient(hub, ['news'], userId === undefined ? {} : { userId });
    }
    const present = await a.hub.presence('news');
    expect(new Map(present.map(({ userId, connections }) => [userId, connections]))).toEqual(
      new Map<string | undefined, number>([
        ['ann', 2],
        ['bob', 1],
        [undefined, 1],
      ]),
    );
    expect(await b.hub.presence('nobody is here')).toEqual([]);
  });

  it('is of those who answer within a second, and rejects where nobody can be asked', async () => {
    const { a, b, pass } = await two();
    await openClient(a.hub, ['news'], { userId: 'ann' });
    await openClient(b.hub, ['news'], { userId: 'bob' });
    b.network.cut();
    const present = a.hub.presence('news');
    await pass(1_000);
    expect(await present).toEqual([{ userId: 'ann', connections: 1 }]);
    a.network.away = true;
    await expect(a.hub.presence('news')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    a.network.cut();
    await pass(10_000);
    await expect(a.hub.presence('news')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });

  it('rejects where it is not known yet who there is', async () => {
    const { add } = await setUpNodes(1);
    const late = add(true);
    await settled();
    await expect(late.hub.presence('news')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });
});
