import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Broker, type BrokerContext, memoryBroker, type Replay, SseError } from '@nestcast/hub';
import { describeBroker } from './broker-contract.js';
import type { BrokerHarness } from './harness.js';

const create = memoryBroker();

/** Nodes over one log: the same broker behind several doors, each closed on its own. */
class Node implements Broker {
  private closed = false;

  constructor(private readonly shared: Broker) {}

  async publish(...args: Parameters<Broker['publish']>): ReturnType<Broker['publish']> {
    return this.open().publish(...args);
  }

  async subscribe(...args: Parameters<Broker['subscribe']>): ReturnType<Broker['subscribe']> {
    return this.open().subscribe(...args);
  }

  async replay(...args: Parameters<Broker['replay']>): ReturnType<Broker['replay']> {
    return this.open().replay(...args);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private open(): Broker {
    if (this.closed) {
      throw new SseError('BROKER_CLOSED', 'The node is closed.');
    }
    return this.shared;
  }
}

const memory: BrokerHarness = {
  create,
  nodes: async (context, count) => {
    const shared = create(context);
    return Array.from({ length: count }, () => new Node(shared));
  },
};

describeBroker('memory', memory, { describe, it, beforeEach, afterEach });

/** Runs the contract without a test runner, or the case of one name only, and returns the names of those that fail. */
async function failures(harness: BrokerHarness, only?: string): Promise<string[]> {
  const cases: { name: string; body: () => Promise<void> }[] = [];
  const before: (() => Promise<void>)[] = [];
  const after: (() => Promise<void>)[] = [];
  describeBroker('in a test', harness, {
    describe: (_name, body) => body(),
    it: (name, body) => cases.push({ name, body }),
    beforeEach: (body) => before.push(body),
    afterEach: (body) => after.push(body),
  });
  const failed: string[] = [];
  for (const { name, body } of cases.filter((each) => only === undefined || each.name === only)) {
    // oxlint-disable no-await-in-loop -- the cases share a fixture
    await Promise.all(before.map((each) => each()));
    await body().catch(() => failed.push(name));
    await Promise.all(after.map((each) => each()));
    // oxlint-enable no-await-in-loop
  }
  return failed;
}

type Breakage = (broker: Broker) => Partial<Broker>;

const breaking =
  (breakage: Breakage) =>
  (context: BrokerContext): Broker => {
    const broker = create(context);
    return Object.assign(new Node(broker), { close: () => broker.close() }, breakage(broker));
  };

const replayedAs =
  (change: (replay: Replay) => Replay): Breakage =>
  (broker) => ({
    replay: async (channels, from, limit) => change(await broker.replay(channels, from, limit)),
  });

describe('the contract', () => {
  it('holds outside of a test runner, with a real clock too', async () => {
    expect(await failures({ create, runs: 5 })).toEqual([]);
    expect(await failures({ create, clock: 'real', runs: 5 })).toEqual([]);
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
    expect(await failures({ create, runs: 50 }, caught)).toEqual([]);
    expect(await failures({ create: breaking(breakage), runs: 50 }, caught)).toEqual([caught]);
  });
});
