import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Client, openOn, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { controlsOf, dataOf } from '../spec-support/stream-text.js';

const others = ['stall', 'resume', 'hangUp', 'hold', 'flow', 'release', 'tick', 'clock'] as const;

type Step =
  | { readonly kind: 'publish'; readonly channel: string }
  | { readonly kind: 'poll'; readonly waitMs: number }
  | { readonly kind: 'turn' | (typeof others)[number] };

const WAIT_MS = 1_000;
const overflow = { maxBufferedBytes: 60, policy: 'catch-up', stallMs: 0 } as const;

const publish = fc.record({ kind: fc.constant('publish' as const), channel: fc.constantFrom('a', 'b') });
const poll = fc.record({
  kind: fc.constant('poll' as const),
  waitMs: fc.constantFrom(0, WAIT_MS, WAIT_MS, WAIT_MS),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: publish },
  { weight: 5, arbitrary: poll },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom(...others) }) },
);

/** A client that asks again with the place that it has, one request at a time. */
class PollingClient {
  readonly published: string[] = [];
  /** All that it was ever sent. */
  private text = '';
  private current: Client | undefined;
  private readonly fixture;

  constructor(maxEvents: number) {
    this.fixture = setUpHub({ recent: { maxEvents, maxLength: 1_000 } });
  }

  get data(): string[] {
    return dataOf(this.text);
  }

  get goodbyes(): unknown[] {
    return controlsOf(this.text, 'sse:goodbye');
  }

  async run(each: Step): Promise<void> {
    const { hub, broker, clock } = this.fixture;
    switch (each.kind) {
      case 'publish': {
        const data = `${each.channel}${this.published.length}`;
        this.published.push(data);
        void hub.publish(each.channel, { data });
        break;
      }
      case 'poll':
        this.poll(each.waitMs);
        break;
      case 'hold':
      case 'flow':
        broker.holdsReplays = each.kind === 'hold';
        break;
      case 'release':
        broker.release();
        break;
      case 'turn':
        await nextTurn();
        break;
      case 'tick':
        await Promise.resolve();
        break;
      case 'clock':
        clock.advance(WAIT_MS / 2);
        break;
      default:
        this.current?.transport[each.kind]();
    }
  }

  /** Nothing holds anything up any more: it gets its answer, and another one. */
  async finish(): Promise<void> {
    const { broker, clock } = this.fixture;
    broker.holdsReplays = false;
    this.current?.transport.resume();
    for (const waitMs of [WAIT_MS, 0]) {
      this.poll(waitMs);
      while (broker.release()) {
        await settled();
      }
      await settled();
      clock.advance(WAIT_MS);
      await settled();
      this.read();
    }
    expect(this.fixture.hub.stats()).toMatchObject({ connections: 0, channels: 0 });
  }

  private poll(longPollMs: number): void {
    this.read();
    if (this.current) {
      return;
    }
    const { hub } = this.fixture;
    const [, lastEventId] = [...this.text.matchAll(/^id: (.+)$/gm)].at(-1) ?? [];
    this.current = request(hub, lastEventId === undefined ? {} : { lastEventId });
    const channels = ['a', 'b'].map((name) => hub.channel(name).fromStart());
    void openOn(hub, this.current, channels, { options: { overflow, longPollMs } });
  }

  /** Takes the answer, once it is over. */
  private read(): void {
    const { connection, transport } = this.current ?? {};
    if (connection?.closed && transport) {
      this.text += transport.text;
      this.current = undefined;
    }
  }
}

describe('asking again and again', () => {
  it.each([0, 3, 1_024])(
    'brings each event once, in order, whatever falls in between (property, %i at hand)',
    async (maxEvents) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
          const client = new PollingClient(maxEvents);
          for (const each of steps) {
            await client.run(each);
          }
          await client.finish();
          expect(client.data).toEqual(client.published);
          expect(client.goodbyes).toEqual([]);
        }),
        { numRuns: 200 },
      );
    },
    30_000,
  );
});
