import { describe, expect, it } from '@jest/globals';
import type { BrokerFactory } from '../broker/broker.js';
import { memoryBroker } from '../broker/memory-broker.js';
import { Hub } from '../hub.js';
import { type BalanceOptions, hubDefaults } from '../hub-options.js';
import { SseError } from '../sse-error.js';
import { HandClock } from '../spec-support/hand-clock.js';
import { HandProbe } from '../spec-support/hand-probe.js';
import { type Client, openClient, publishAll, quiet, request, settled } from '../spec-support/hub-fixture.js';
import { controlsOf } from '../spec-support/stream-text.js';

const INTERVAL_MS = 10_000;

interface Fixture {
  readonly hub: Hub;
  readonly clock: HandClock;
  readonly probe: HandProbe;
  readonly reported: number[];
  readonly errors: string[];
  /** What the other nodes have, or what telling fails with. */
  others: number[] | SseError;
  readonly open: (count: number) => Promise<Client[]>;
  readonly round: () => Promise<void>;
}

function setUp(balance: Partial<BalanceOptions> = {}): Fixture {
  const clock = new HandClock();
  const probe = new HandProbe();
  const reported: number[] = [];
  const errors: string[] = [];
  const broker: BrokerFactory = (context) =>
    Object.assign(memoryBroker()(context), {
      loads: {
        report: async (connections: number) => {
          reported.push(connections);
          if (fixture.others instanceof SseError) {
            throw fixture.others;
          }
          return [...fixture.others, connections];
        },
      },
    });
  const hub = new Hub(
    {
      ...hubDefaults,
      ...quiet,
      broker,
      balance: { ...hubDefaults.balance, ...balance },
      pressure: { ...hubDefaults.pressure, shedRatio: 0 },
    },
    { clock, probe, onError: (error, what) => errors.push(`${what}: ${String(error)}`) },
  );
  const fixture: Fixture = {
    hub,
    clock,
    probe,
    reported,
    errors,
    others: [],
    open: (count) =>
      Promise.all(Array.from({ length: count }, (_, index) => openClient(hub, [`channel ${index}`]))),
    round: async () => {
      clock.advance(INTERVAL_MS);
      await settled();
    },
  };
  return fixture;
}

const closedOf = (clients: readonly Client[]): boolean[] =>
  clients.map(({ connection }) => connection.closed);

describe('a hub with far more than its share', () => {
  it('closes a part of its connections in each round, until it has little more than its share', async () => {
    const fixture = setUp();
    await fixture.open(60);
    fixture.others = [0];
    const left: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await fixture.round();
      const { length } = fixture.hub.connections();
      left.push(length);
      fixture.others = [60 - length];
    }
    expect(left).toEqual([60, 54, 48, 43, 38, 35, 35, 35]);
    expect(fixture.reported).toEqual([60, 60, 54, 48, 43, 38, 35, 35]);
    await fixture.hub.close();
  });

  it('closes the quietest, each with a moment of its own to come back', async () => {
    const fixture = setUp();
    const clients = await fixture.open(30);
    fixture.clock.advance(1_000);
    for (let channel = 3; channel < 30; channel += 1) {
      await publishAll(fixture.hub, `channel ${channel}`, 'busy');
    }
    await settled();
    fixture.others = [0];
    await fixture.round();
    await fixture.round();
    expect(closedOf(clients)).toEqual(clients.map((_, index) => index < 3));
    const waits = clients.slice(0, 3).map(({ transport }) => {
      const goodbye = controlsOf(transport.text, 'sse:goodbye').at(-1) as {
        reason: string;
        limit: string;
        retryMs: number;
      };
      expect(goodbye).toMatchObject({ reason: 'server', limit: 'balance' });
      return goodbye.retryMs;
    });
    expect(new Set(waits).size).toBe(3);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(quiet.retry.ms);
    await fixture.hub.close();
  });

  it('takes nobody for a surplus who has come since the others have told theirs', async () => {
    const fixture = setUp();
    await fixture.round();
    await fixture.open(60);
    fixture.others = [0];
    await fixture.round();
    fixture.others = [60];
    await fixture.round();
    expect(fixture.hub.connections()).toHaveLength(60);
    await fixture.hub.close();
  });

  it('closes none where it shall not', async () => {
    const fixture = setUp({ shedRatio: 0 });
    await fixture.open(60);
    fixture.others = [0];
    await fixture.round();
    await fixture.round();
    expect(fixture.hub.connections()).toHaveLength(60);
    expect(fixture.reported).toEqual([60, 60]);
    await fixture.hub.close();
  });

  it('closes no stream that has no channel, which nobody could go on with', async () => {
    const fixture = setUp();
    const own = Array.from({ length: 30 }, () => request(fixture.hub));
    own.forEach(({ connection }) => fixture.hub.openPrivate(connection).begin(quiet));
    fixture.clock.advance(1_000);
    await fixture.open(30);
    fixture.others = [0];
    for (let round = 0; round < 20; round += 1) {
      await fixture.round();
    }
    expect(closedOf(own)).toEqual(own.map(() => false));
    expect(fixture.hub.connections()).toHaveLength(30);
    await fixture.hub.close();
  });

  it('tells nothing while it takes nobody in, so that others send it nobody', async () => {
    const fixture = setUp();
    await fixture.open(60);
    fixture.others = [0];
    await fixture.round();
    fixture.probe.heapUsed = 950;
    await fixture.round();
    await fixture.round();
    expect(fixture.reported).toEqual([60]);
    expect(fixture.hub.connections()).toHaveLength(60);
    fixture.probe.heapUsed = 100;
    await fixture.round();
    expect(fixture.reported).toEqual([60, 60]);
    await fixture.hub.close();
  });

  it('tells once that it cannot tell, and goes on', async () => {
    const fixture = setUp();
    fixture.others = new SseError('BROKER_UNAVAILABLE', 'away');
    await fixture.round();
    await fixture.round();
    expect(fixture.errors).toEqual(["telling the other nodes of this one's load: SseError: away"]);
    fixture.others = [0];
    await fixture.round();
    expect(fixture.reported).toEqual([0, 0, 0]);
    await fixture.hub.close();
    expect(fixture.clock.pending).toBe(0);
  });
});
