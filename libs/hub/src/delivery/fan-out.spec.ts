import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  type Client,
  openClient,
  publishAll,
  setUpHub,
  setUpHubWith,
  settled,
} from '../spec-support/hub-fixture.js';
import { ThrowingTransport } from '../spec-support/throwing-transport.js';
import { SlowClock } from '../spec-support/slow-clock.js';

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
const writesSince = ({ transport }: Client, before: number): Buffer[] => transport.writes.slice(before);

describe('one turn', () => {
  it('leaves in one write, in order', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a']);
    const before = client.transport.writes.length;
    await publishAll(hub, 'a', '1', '2', '3');
    expect(writesSince(client, before)).toEqual([]);
    await nextTurn();
    expect(writesSince(client, before)).toHaveLength(1);
    expect(client.data).toEqual(['1', '2', '3']);
  });

  it('is the same Buffer for all, of one channel and of several', async () => {
    const { hub } = setUpHub();
    const single = [await openClient(hub, ['a']), await openClient(hub, ['a'])];
    const double = [await openClient(hub, ['a', 'b']), await openClient(hub, ['b', 'a'])];
    for (const channels of [['a'], ['a', 'b']]) {
      for (const channel of channels) {
        await publishAll(hub, channel, 'x');
      }
      await nextTurn();
      for (const [one, other] of [single, double]) {
        expect(one?.transport.writes.at(-1)).toBe(other?.transport.writes.at(-1));
        expect(one?.transport.writes.at(-1)).toBeDefined();
      }
    }
  });

  it('is one write in id order for a connection of several channels', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a', 'b', 'c']);
    const other = await openClient(hub, ['c', 'b']);
    const before = client.transport.writes.length;
    const order = ['b', 'a', 'c', 'a', 'b', 'x', 'c', 'a'];
    for (const [index, channel] of order.entries()) {
      await hub.publish(channel, { data: `${channel}${index}`, ephemeral: index === 4 });
    }
    await nextTurn();
    expect(writesSince(client, before)).toHaveLength(1);
    expect(client.data).toEqual(['b0', 'a1', 'c2', 'a3', 'b4', 'c6', 'a7']);
    expect(other.data).toEqual(['b0', 'c2', 'b4', 'c6']);
  });

  it('stays one write for each of many who share one of their channels', async () => {
    const { hub } = setUpHub();
    const clients: Client[] = [];
    for (let user = 0; user < 50; user += 1) {
      clients.push(await openClient(hub, [`user/${user}`, 'all']));
    }
    for (let user = 0; user < 50; user += 1) {
      void hub.publish(`user/${user}`, { data: `to ${user}` });
    }
    void hub.publish('all', { data: 'to all' });
    await nextTurn();
    expect(clients.map(({ data }) => data)).toEqual(clients.map((_, user) => [`to ${user}`, 'to all']));
    expect(new Set(clients.map(({ transport }) => transport.writes.length))).toEqual(new Set([2]));
  });

  it('carries ephemeral events without an id, in their place', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a']);
    await publishAll(hub, 'a', '1');
    await hub.publish('a', { data: 'typing', ephemeral: true });
    await publishAll(hub, 'a', '2');
    await nextTurn();
    expect(client.data).toEqual(['1', 'typing', '2']);
    expect(client.transport.text).toContain('\n\ndata: typing\n\n');
  });

  it('does not reach a connection that has left the channel', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a', 'b'], { userId: 'u' });
    void publishAll(hub, 'a', 'goodbye');
    await hub.unsubscribe({ userId: 'u' }, 'a');
    await publishAll(hub, 'a', 'secret');
    await publishAll(hub, 'b', 'x');
    await nextTurn();
    expect(client.data).toEqual(['goodbye', 'x']);
  });

  it('is not told of a transport that throws: the others get theirs', async () => {
    const { hub, errors } = setUpHub();
    const broken = new ThrowingTransport();
    const first = await openClient(hub, ['a'], { transport: broken });
    const second = await openClient(hub, ['a']);
    broken.throws = true;
    await publishAll(hub, 'a', '1');
    await settled();
    expect(second.data).toEqual(['1']);
    expect(first.connection.closeReason).toBe('error');
    expect(errors).toEqual([expect.stringContaining('wrapped by someone')]);
  });
});

describe('the budget', () => {
  it('makes a long fan-out yield, and the next batch gathers meanwhile', async () => {
    const { hub, clock } = setUpHubWith(new SlowClock());
    const clients: Client[] = [];
    for (let index = 0; index < 640; index += 1) {
      clients.push(await openClient(hub, ['a']));
    }
    const reached = (): number => clients.filter(({ transport }) => transport.writes.length > 1).length;
    clock.stepMs = 5;
    await publishAll(hub, 'a', 'first');
    await nextTurn();
    expect(reached()).toBe(64);
    await publishAll(hub, 'a', 'second', 'third');
    await nextTurn();
    expect(reached()).toBe(128);
    for (let turn = 0; turn < 8; turn += 1) {
      await nextTurn();
    }
    expect(reached()).toBe(640);
    clock.stepMs = 0;
    await settled();
    const [last] = clients.slice(-1);
    expect(last?.transport.writes).toHaveLength(3);
    expect(new Set(clients.map(({ data }) => data.join()))).toEqual(new Set(['first,second,third']));
  });

  it('looks at the clock now and then, not for each connection', async () => {
    const { hub, clock } = setUpHubWith(new SlowClock());
    for (let index = 0; index < 640; index += 1) {
      await openClient(hub, ['a']);
    }
    const before = clock.looks;
    await publishAll(hub, 'a', ...texts(1));
    await settled();
    expect(clock.looks - before).toBeLessThan(20);
  });

  it('gives a connection nothing twice that loses a channel while the fan-out has yielded', async () => {
    const { hub, clock } = setUpHubWith(new SlowClock());
    const mover = await openClient(hub, ['a', 'b'], { userId: 'mover' });
    for (let index = 0; index < 200; index += 1) {
      await openClient(hub, ['a']);
    }
    clock.stepMs = 5;
    await hub.publish('a', { data: 'a', ephemeral: true });
    await hub.publish('b', { data: 'b', ephemeral: true });
    await nextTurn();
    expect(mover.data).toEqual(['a', 'b']);
    await hub.unsubscribe({ userId: 'mover' }, 'a');
    clock.stepMs = 0;
    await settled();
    expect(mover.data).toEqual(['a', 'b']);
  });

  it('passes over who closes, and takes in who opens, while it has yielded', async () => {
    const { hub, clock } = setUpHubWith(new SlowClock());
    const clients: Client[] = [];
    for (let index = 0; index < 200; index += 1) {
      clients.push(await openClient(hub, ['a']));
    }
    clock.stepMs = 5;
    await publishAll(hub, 'a', '1');
    await nextTurn();
    const [gone] = clients.slice(-1);
    gone?.connection.close();
    const fromStart = await openClient(hub, [hub.channel('a').fromStart()]);
    const fromNow = await openClient(hub, ['a']);
    await settled();
    expect([gone?.data, fromStart.data, fromNow.data]).toEqual([[], ['1'], []]);
  });
});
