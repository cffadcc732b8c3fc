import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Broker } from '../broker/broker.js';
import { memoryBroker } from '../broker/memory-broker.js';
import { toEventRecord } from '../event.js';
import type { GapData } from '../protocol/control-event.js';
import { FaultyBroker } from '../spec-support/faulty-broker.js';
import { type Client, openOn, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { controlsOf, dataOf } from '../spec-support/stream-text.js';

const faults = ['cut', 'mend', 'lose', 'find', 'away', 'back', 'release', 'turn', 'tick', 'clock'] as const;

type Step =
  | { readonly kind: 'publish'; readonly channel: string }
  | { readonly kind: 'open'; readonly channels: readonly string[] }
  | { readonly kind: 'stall' | 'resume'; readonly client: number }
  | { readonly kind: (typeof faults)[number] };

type Member = Pick<Client, 'connection' | 'transport'> & { readonly channels: readonly string[] };

const channel = fc.constantFrom('a', 'b', 'c');
const channels = fc.uniqueArray(channel, { minLength: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish' as const), channel }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const), channels }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('stall' as const, 'resume' as const), client: fc.nat(5) }),
  },
  { weight: 14, arbitrary: fc.record({ kind: fc.constantFrom(...faults) }) },
);

/** On a machine that is busy otherwise. */
const PROPERTY_MS = 30_000;

/** A node on whose way to the log everything goes wrong, and its clients. */
class Faults {
  readonly clients: Member[] = [];
  readonly published: string[] = [];
  network!: FaultyBroker;
  private log!: Broker;
  private readonly fixture;

  constructor(maxEvents: number) {
    this.fixture = setUpHub({
      recent: { maxEvents, maxLength: 1_000 },
      broker: (context) => {
        this.log = memoryBroker()(context);
        this.network = new FaultyBroker(this.log);
        return this.network;
      },
    });
    this.fixture.broker.holdsReplays = true;
  }

  async run(each: Step): Promise<void> {
    const { network, fixture } = this;
    switch (each.kind) {
      case 'publish': {
        const data = `${each.channel}${this.published.length}`;
        this.published.push(data);
        // Another node's, which nothing is wrong with.
        void this.log.publish(each.channel, toEventRecord({ data }));
        break;
      }
      case 'open':
        this.open(each.channels);
        break;
      case 'stall':
        this.clients[each.client]?.transport.stall();
        break;
      case 'resume':
        this.clients[each.client]?.transport.resume();
        break;
      case 'lose':
        network.lose('a');
        break;
      case 'away':
      case 'back':
        network.away = each.kind === 'away';
        break;
      case 'release':
        fixture.broker.release();
        break;
      case 'turn':
        await nextTurn();
        break;
      case 'tick':
        await Promise.resolve();
        break;
      case 'clock':
        fixture.clock.advance(300);
        break;
      default:
        network[each.kind]();
    }
  }

  /** All is well again. */
  async recover(): Promise<void> {
    const { network, fixture, clients } = this;
    network.away = false;
    network.mend();
    network.find();
    fixture.broker.holdsReplays = false;
    clients.forEach(({ transport }) => transport.resume());
    for (let round = 0; round < 3; round += 1) {
      while (fixture.broker.release()) {
        await nextTurn();
      }
      await settled();
      fixture.clock.advance(4_000);
      await settled();
    }
  }

  private open(names: readonly string[]): void {
    const { hub } = this.fixture;
    const client = request(hub);
    const handles = names.map((name) => hub.channel(name).fromStart());
    const overflow = { maxBufferedBytes: 60, policy: 'catch-up', stallMs: 0 } as const;
    // While the broker is away it is refused.
    openOn(hub, client, handles, { options: { overflow } }).catch(() => undefined);
    this.clients.push({ connection: client.connection, transport: client.transport, channels: names });
  }
}

describe('whatever goes wrong between a node and the log', () => {
  it.each([0, 3, 1_024])(
    'each event arrives once, in order, or a gap is told (property, %i at hand)',
    async (maxEvents) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
          const faulty = new Faults(maxEvents);
          for (const each of steps) {
            await faulty.run(each);
          }
          await faulty.recover();
          const lost = new Set(faulty.network.lost.map(({ data }) => data));
          faulty.clients.forEach((client) => expectAll(client, faulty.published, lost));
        }),
        { numRuns: 200 },
      );
    },
    PROPERTY_MS,
  );
});

/** Of what was never lost on the way, all; of the rest, what it has been told no gap of. */
function expectAll(
  { connection, transport, channels: names }: Member,
  published: readonly string[],
  lost: ReadonlySet<string | undefined>,
): void {
  if (!transport.headers) {
    expect(connection.closeReason).toBe('error');
    return;
  }
  expect([connection.state, connection.closeReason]).toEqual(['live', undefined]);
  const mine = published.filter((text) => names.includes(text.charAt(0)));
  const gaps = controlsOf(transport.text, 'sse:gap') as GapData[];
  const isTold = gaps.some(({ reason, channels: of }) => reason === 'lost' && of.join() === 'a');
  expect(gaps.every(({ reason }) => reason === 'lost')).toBe(true);
  const data = dataOf(transport.text);
  const got = new Set(data);
  expect(data).toEqual(mine.filter((text) => (isTold && lost.has(text) ? got.has(text) : true)));
}
