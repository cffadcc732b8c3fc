import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Broker, type BrokerContext, memoryBroker, type Replay } from '@nestcast/hub';
import { describeBroker } from './broker-contract.js';
import { BrokerDoor } from './broker-door.fixture.js';
import { contractFailures } from './contract-failures.fixture.js';
import type { BrokerHarness } from './harness.js';

const create = memoryBroker();

const memory: BrokerHarness = {
  create,
  nodes: async (context, count) => {
    const shared = create(context);
    return Array.from({ length: count }, () => new BrokerDoor(shared));
  },
  cutOff: (door, meanwhile) => (door as BrokerDoor).cutOff(meanwhile),
};

describeBroker('memory', memory, { describe, it, beforeEach, afterEach });

type Breakage = (broker: Broker) => Partial<Broker>;

const breaking =
  (breakage: Breakage) =>
  (context: BrokerContext): Broker => {
    const broker = create(context);
    return Object.assign(new BrokerDoor(broker), { close: () => broker.close() }, breakage(broker));
  };

const replayedAs =
  (change: (replay: Replay) => Replay): Breakage =>
  (broker) => ({
    replay: async (channels, from, limit) => change(await broker.replay(channels, from, limit)),
  });

describe('the contract', () => {
  it('holds outside of a test runner, with a real clock too', async () => {
    expect(await contractFailures({ create, runs: 5 })).toEqual([]);
    expect(await contractFailures({ create, clock: 'real', runs: 5 })).toEqual([]);
  });

  it.each<[string, Breakage, string]>([
    [
      'never tells a gap',
      replayedAs((replay) => ({ ...replay, gap: undefined, complete: true })),
      'tells what was trimmed by number, and goes on with what is left',
    ],
    [
      'always tells a gap',
      replayedAs((replay) => ({ ...replay, complete: false, gap: { reason: 'trimmed', channels: [] } })),
      'takes a cursor at the edge of what was trimmed',
    ],
    [
      'forgets that there is more',
      replayedAs((replay) => ({ ...replay, more: false })),
      'reads the same in pages of any size (property)',
    ],
    [
      'delivers twice',
      (broker) => ({
        subscribe: (channel, sink) =>
          broker.subscribe(channel, (event) => {
            sink(event);
            sink(event);
          }),
      }),
      'lets a reader join between publishes without loss or doubles',
    ],
    [
      'skips what comes right after a replay',
      replayedAs((replay) => ({ ...replay, seq: replay.seq + (replay.more ? 0 : 1) })),
      'does so in random interleavings on three channels (property)',
    ],
    [
      'goes on after unsubscribe',
      (broker) => ({
        subscribe: async (channel, sink) => {
          await broker.subscribe(channel, sink);
          return async () => undefined;
        },
      }),
      'stops the sink at once, and only this one',
    ],
    [
      'logs only after it has delivered',
      (broker) => {
        const reading: { until: number } = { until: 0 };
        return {
          subscribe: (channel, sink) =>
            broker.subscribe(channel, (event) => {
              reading.until = event.seq - 1;
              sink(event);
            }),
          replay: async (channels, from, limit) => {
            const replay = await broker.replay(channels, from, limit);
            return { ...replay, events: replay.events.filter(({ seq }) => seq <= reading.until) };
          },
        };
      },
      'has an event in the log by the time a sink is given it',
    ],
    [
      'mangles data',
      (broker) => ({
        publish: (channel, event) =>
          broker.publish(channel, { ...event, data: event.data === undefined ? '' : event.data }),
      }),
      'carries and keeps no data',
    ],
    [
      'logs ephemeral events',
      (broker) => ({ publish: (channel, event) => broker.publish(channel, { ...event, ephemeral: false }) }),
      'are in no log and move no cursor',
    ],
    [
      'mixes up channels',
      (broker) => ({
        publish: (channel, event) => broker.publish(channel.toLowerCase(), event),
        subscribe: (channel, sink) => broker.subscribe(channel.toLowerCase(), sink),
        replay: (channels, ...rest) =>
          broker.replay(
            channels.map((name) => name.toLowerCase()),
            ...rest,
          ),
      }),
      'takes channel names literally',
    ],
    [
      'never ends',
      replayedAs((replay) => ({ ...replay, ended: false })),
      'ends its channel for those who have read it',
    ],
  ])('catches a broker that %s', async (_what, breakage, caught) => {
    expect(await contractFailures({ create, runs: 50 }, ({ name }) => name === caught)).toEqual([]);
    expect(
      await contractFailures({ create: breaking(breakage), runs: 50 }, ({ name }) => name === caught),
    ).toEqual([caught]);
  });

  it('catches a broker that does not say what it has missed', async () => {
    const silent: BrokerHarness = {
      ...memory,
      nodes: async (context, count) => {
        const shared = create(context);
        return Array.from({ length: count }, () => new SilentDoor(shared));
      },
    };
    const failures = await contractFailures(silent, ({ groups }) =>
      groups.includes('a node that was cut off'),
    );
    expect(failures).toHaveLength(3);
  });
});

class SilentDoor extends BrokerDoor {
  override subscribe(...[channel, sink]: Parameters<Broker['subscribe']>): ReturnType<Broker['subscribe']> {
    return super.subscribe(channel, sink);
  }
}
