import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Hub } from './hub.js';
import { hubDefaults } from './hub-options.js';
import { caught } from './spec-support/caught.js';
import {
  openClient,
  openOn,
  publishAll,
  quiet,
  request,
  setUpHub,
  settled,
} from './spec-support/hub-fixture.js';
import { MemoryTransport } from './spec-support/memory-transport.js';

describe('publish', () => {
  it('rejects what can’t be written, reaches nobody with it, and hurts no other event', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a']);
    const bad = [
      hub.publish('a', { data: 1n }),
      hub.publish('a\n', { data: 'x' }),
      hub.publish('a', { type: 'open' }),
    ];
    const good = hub.publish('a', { data: 'good' });
    const codes = await Promise.all(bad.map(async (promise) => (await caught(() => promise)).code));
    expect(codes).toEqual(['INVALID_EVENT_DATA', 'INVALID_CHANNEL_NAME', 'INVALID_EVENT_TYPE']);
    await good;
    await settled();
    expect(client.data).toEqual(['good']);
    expect(client.transport.text).not.toContain('open');
  });

  it('gives no id to an ephemeral event', async () => {
    const { hub } = setUpHub();
    expect(await hub.publish('a', { ephemeral: true })).toBe('');
    expect(await hub.publish('a', {})).toMatch(/\.1$/);
  });

  it('rejects with the broker’s failure', async () => {
    const { hub, broker, errors } = setUpHub();
    broker.failing = { publish: new Error('down') };
    await expect(hub.publish('a', { data: 'x' })).rejects.toThrow('down');
    expect(errors).toEqual([]);
  });
});

describe('disconnect', () => {
  it('closes who matches, and says how many', async () => {
    const { hub } = setUpHub();
    const mine = [
      await openClient(hub, ['a'], { userId: 'u' }),
      await openClient(hub, ['b'], { userId: 'u' }),
    ];
    const other = await openClient(hub, ['a'], { userId: 'v' });
    expect(await hub.disconnect({ userId: 'u' }, 'revoked')).toBe(2);
    expect(mine.map(({ connection }) => connection.closeReason)).toEqual(['revoked', 'revoked']);
    expect(other.connection.closed).toBe(false);
    expect(await hub.disconnect({ userId: 'u' })).toBe(0);
    expect(await hub.disconnect({ connectionId: other.connection.id })).toBe(1);
    expect(other.connection.closeReason).toBe('server');
  });

  it('reaches a connection whose handler still runs', async () => {
    const { hub } = setUpHub();
    const client = request(hub, { userId: 'u' });
    await hub.disconnect({ userId: 'u' });
    expect(await openOn(hub, client, ['a'])).toBe('open');
    expect([client.connection.closeReason, client.transport.headers]).toEqual(['server', undefined]);
    expect(hub.stats().channels).toBe(0);
  });

  it('comes after what was published before it', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a'], { userId: 'u' });
    await publishAll(hub, 'a', 'you are logged out');
    await hub.disconnect({ userId: 'u' });
    expect(client.data).toEqual(['you are logged out']);
  });

  it('takes no filter that would match all', async () => {
    const { hub } = setUpHub();
    expect((await caught(() => hub.disconnect({}))).code).toBe('INVALID_OPTION');
    expect((await caught(() => hub.unsubscribe({ userId: undefined }, 'a'))).code).toBe('INVALID_OPTION');
  });
});

describe('unsubscribe', () => {
  it('takes who matches out of the channel; who has no other is closed', async () => {
    const { hub, broker } = setUpHub();
    const both = await openClient(hub, ['a', 'b'], { userId: 'u' });
    const one = await openClient(hub, ['a'], { userId: 'u' });
    const none = await openClient(hub, ['b'], { userId: 'u' });
    expect(await hub.unsubscribe({ userId: 'u' }, 'a')).toBe(2);
    expect([both, one, none].map(({ connection }) => connection.closeReason)).toEqual([
      undefined,
      'revoked',
      undefined,
    ]);
    expect([...both.connection.channels.keys()]).toEqual(['b']);
    await publishAll(hub, 'a', 'secret');
    await publishAll(hub, 'b', 'x');
    await settled();
    expect(both.data).toEqual(['x']);
    expect(broker.subscriptions).toBe(1);
  });

  it('holds for what is being read from the log, too', async () => {
    const { hub, broker } = setUpHub();
    await publishAll(hub, 'a', 'secret');
    await publishAll(hub, 'b', 'x');
    broker.holdsReplays = true;
    const client = request(hub, { userId: 'u' });
    const opening = openOn(hub, client, [hub.channel('a').fromStart(), hub.channel('b').fromStart()]);
    await nextTurn();
    broker.release();
    await nextTurn();
    await hub.unsubscribe({ userId: 'u' }, 'a');
    broker.release();
    await opening;
    await settled();
    expect(client.data).toEqual(['x']);
  });
});

describe('what is open', () => {
  it('is listed, counted and told by user', async () => {
    const { hub } = setUpHub();
    const first = await openClient(hub, ['a'], { userId: 'u' });
    await openClient(hub, ['a', 'b'], { userId: 'u' });
    await openClient(hub, ['a']);
    await publishAll(hub, 'a', '1', '2');
    await settled();
    expect(hub.connection(first.connection.id)).toBe(first.connection);
    expect(hub.connections()).toHaveLength(3);
    expect(await hub.presence('a')).toEqual([
      { userId: 'u', connections: 2 },
      { userId: undefined, connections: 1 },
    ]);
    expect(await hub.presence('b')).toEqual([{ userId: 'u', connections: 1 }]);
    expect(hub.stats()).toMatchObject({
      connections: 3,
      channels: 2,
      published: 2,
      delivered: 6,
      opens: 3,
      lagging: 0,
    });
    expect(hub.stats().bytes).toBe(hub.connections().reduce((sum, { bytes }) => sum + bytes, 0));
  });

  it('stays counted when it has closed', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a']);
    await publishAll(hub, 'a', '1');
    await settled();
    client.connection.close();
    expect(hub.stats()).toMatchObject({ connections: 0, delivered: 1, opens: 1, closes: { server: 1 } });
    const bytes = client.transport.bytes.length;
    expect([client.connection.bytes, hub.stats().bytes]).toEqual([bytes, bytes]);
    await settled();
    expect(hub.stats().bytes).toBe(bytes);
  });

  it('is healthy if its broker has nothing to say about it', async () => {
    expect(await setUpHub().hub.health()).toEqual({ up: true });
  });
});

describe('close', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('leaves no timer, of the clock or of Node, and no subscription', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const hub = new Hub(hubDefaults, { onError: () => undefined });
    const options = { ...hubDefaults, coding: 'identity' as const, negotiated: false };
    for (const name of ['a', 'b']) {
      const connection = hub.connect({
        userId: 'u',
        ip: 'i',
        lastEventId: undefined,
        transport: new MemoryTransport(),
      });
      await hub.openChannels(connection, [hub.channel(name)], options);
      connection.expireAt(Date.now() + 100_000);
    }
    let completed = false;
    hub.channel('a').events$.subscribe({ complete: () => (completed = true) });
    await publishAll(hub, 'a', '1');
    expect(jest.getTimerCount()).toBe(1);
    await hub.close();
    expect([jest.getTimerCount(), completed, hub.connections(), hub.stats().channels]).toEqual([
      0,
      true,
      [],
      0,
    ]);
  });

  it('rejects what comes after it', async () => {
    const { hub, clock } = setUpHub();
    const { connection } = request(hub);
    const closed = hub.close();
    await settled();
    // Nobody answers a request that has no stream yet, but its handler.
    clock.advance(500);
    await closed;
    expect((await caught(() => hub.publish('a', {}))).code).toBe('BROKER_CLOSED');
    expect((await caught(() => request(hub))).code).toBe('DRAINING');
    expect(connection.closeReason).toBe('drain');
    const error = await new Promise((resolve) => hub.channel('a').events$.subscribe({ error: resolve }));
    expect(error).toMatchObject({ code: 'BROKER_CLOSED' });
    expect(clock.pending).toBe(0);
  });

  it('takes a second call', async () => {
    const { hub, broker } = setUpHub();
    await openClient(hub, ['a'], { options: quiet });
    const close = jest.spyOn(broker, 'close');
    await Promise.all([hub.close(), hub.close()]);
    await hub.close();
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('reports a broker that can’t be closed, and is over', async () => {
    const { hub, broker, errors } = setUpHub();
    Object.assign(broker, { close: () => Promise.reject(new Error('not connected')) });
    await hub.close();
    expect(errors).toEqual(['closing the broker: Error: not connected']);
  });
});

describe('health', () => {
  it('is down, with the reason, where the broker can’t even say', async () => {
    const { hub, broker } = setUpHub();
    Object.assign(broker, { health: () => Promise.reject(new Error('no route')) });
    expect(await hub.health()).toEqual({ up: false, detail: 'Error: no route' });
  });
});
