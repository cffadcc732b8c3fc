import { describe, expect, it } from '@jest/globals';
import { hubDefaults, type PressureOptions } from '../hub-options.js';
import {
  type Client,
  type HubFixture,
  openClient,
  publishAll,
  quiet,
  request,
  setUpHub,
  settled,
} from '../spec-support/hub-fixture.js';
import { caught } from '../spec-support/caught.js';
import { HandProbe } from '../spec-support/hand-probe.js';
import { controlsOf, readStream } from '../spec-support/stream-text.js';

const SAMPLE_MS = 1_000;
const IDLE_MS = 10_000;

interface Fixture extends HubFixture {
  readonly probe: HandProbe;
  /** Opens a stream of a channel of its own. */
  readonly open: (name: string) => Promise<Client>;
  readonly openMany: (count: number) => Promise<Client[]>;
}

function setUp(pressure: Partial<PressureOptions> = {}): Fixture {
  const probe = new HandProbe();
  const options = { ...hubDefaults.pressure, sampleMs: SAMPLE_MS, idleMs: IDLE_MS, ...pressure };
  const fixture = setUpHub({
    pressure: options,
    probe,
    drain: { reconnectWindowMs: 5_000, readinessDelayMs: 0 },
  });
  const open = (name: string): Promise<Client> => openClient(fixture.hub, [name]);
  const openMany = async (count: number): Promise<Client[]> => {
    const clients: Client[] = [];
    for (let index = 0; index < count; index += 1) {
      clients.push(await open(`idle ${index}`));
    }
    return clients;
  };
  return { ...fixture, probe, open, openMany };
}

const openOf = (clients: readonly Client[]): boolean[] => clients.map(({ connection }) => !connection.closed);
const closedOf = (clients: readonly Client[]): number => openOf(clients).filter((isOpen) => !isOpen).length;

/** Has its client stop reading, and sends it more than may wait. */
async function lag(hub: HubFixture['hub'], { transport }: Client, channel: string): Promise<void> {
  transport.stall();
  await publishAll(hub, channel, 'x'.repeat(quiet.overflow.maxBufferedBytes + 1));
  await settled();
}

describe('a hub under pressure', () => {
  it('closes a share of the idle connections with each sample, the oldest first', async () => {
    const { clock, probe, openMany, hub } = setUp({ shedRatio: 0.2 });
    const clients = await openMany(10);
    clock.advance(IDLE_MS);
    expect(closedOf(clients)).toBe(0);
    probe.heapUsed = 950;
    clock.advance(SAMPLE_MS);
    expect(openOf(clients)).toEqual([false, false, ...Array.from({ length: 8 }, () => true)]);
    // A fifth of the eight that are left, rounded up.
    clock.advance(SAMPLE_MS);
    expect(openOf(clients)).toEqual([false, false, false, false, ...Array.from({ length: 6 }, () => true)]);
    expect(hub.stats().pressure).toMatchObject({ under: true, shed: 4 });
    probe.heapUsed = 500;
    clock.advance(5 * SAMPLE_MS);
    expect(closedOf(clients)).toBe(4);
  });

  it('closes those that lag before those that are idle', async () => {
    const { clock, probe, openMany, open, hub } = setUp({ shedRatio: 0.1 });
    const idle = await openMany(3);
    const lagging = [await open('lag 1'), await open('lag 2')];
    clock.advance(IDLE_MS);
    for (const [index, client] of lagging.entries()) {
      await lag(hub, client, `lag ${index + 1}`);
    }
    probe.heapUsed = 950;
    const steps = Array.from({ length: 3 }, () => {
      clock.advance(SAMPLE_MS);
      return [openOf(lagging), openOf(idle)];
    });
    expect(steps).toEqual([
      [
        [false, true],
        [true, true, true],
      ],
      [
        [false, false],
        [true, true, true],
      ],
      [
        [false, false],
        [false, true, true],
      ],
    ]);
  });

  it('leaves those alone that get events, and those that are not open yet; heartbeats are no events', async () => {
    const { clock, probe, open, hub } = setUp({ shedRatio: 1 });
    const opening = request(hub);
    const busy = await open('busy');
    const idle = await openClient(hub, ['idle'], {
      options: { heartbeat: { intervalMs: 1_000, visible: true } },
    });
    clock.advance(IDLE_MS - SAMPLE_MS);
    await publishAll(hub, 'busy', '1');
    await settled();
    probe.heapUsed = 950;
    clock.advance(SAMPLE_MS);
    expect(openOf([opening, busy, idle])).toEqual([true, true, false]);
    expect(controlsOf(idle.transport.text, 'sse:heartbeat').length).toBeGreaterThan(5);
    await publishAll(hub, 'busy', '2');
    await settled();
    expect(busy.data).toEqual(['1', '2']);
    clock.advance(IDLE_MS - SAMPLE_MS);
    expect(busy.connection.closed).toBe(false);
    clock.advance(SAMPLE_MS);
    expect(busy.connection.closed).toBe(true);
  });

  it('counts from the opening of one that has had no event yet', async () => {
    const { clock, probe, open } = setUp({ shedRatio: 1 });
    const old = await open('old');
    clock.advance(SAMPLE_MS);
    const young = await open('young');
    probe.heapUsed = 950;
    clock.advance(IDLE_MS - SAMPLE_MS);
    expect(openOf([old, young])).toEqual([false, true]);
    clock.advance(SAMPLE_MS);
    expect(openOf([young])).toEqual([false]);
  });

  it('says why, and when to come back: spread over the window, not before the retry hint', async () => {
    const { clock, probe, openMany } = setUp({ shedRatio: 1 });
    const clients = await openMany(50);
    clock.advance(IDLE_MS);
    probe.heapUsed = 950;
    clock.advance(SAMPLE_MS);
    const moments = clients.map(({ transport }) => readStream(transport.text).retries.at(-1) ?? -1);
    expect(clients.map(({ transport }) => controlsOf(transport.text, 'sse:goodbye'))).toEqual(
      moments.map((retryMs) => [{ reason: 'server', retryMs, limit: 'pressure' }]),
    );
    const { ms } = quiet.retry;
    for (let from = ms; from < ms + 5_000; from += 500) {
      expect(moments.filter((moment) => moment >= from && moment < from + 500)).toHaveLength(5);
    }
  });

  it('sheds nobody with a share of 0', async () => {
    const { clock, probe, openMany, hub } = setUp({ shedRatio: 0 });
    const clients = await openMany(3);
    clock.advance(IDLE_MS);
    probe.heapUsed = 950;
    clock.advance(5 * SAMPLE_MS);
    expect([closedOf(clients), hub.stats().pressure.under]).toEqual([0, true]);
  });

  it('takes nobody new, and again when it is over', async () => {
    const { clock, probe, open, hub } = setUp();
    await open('a');
    probe.delayMs = 600;
    clock.advance(2 * SAMPLE_MS);
    expect((await caught(() => request(hub))).code).toBe('UNDER_PRESSURE');
    expect(hub.stats()).toMatchObject({ connections: 1, pressure: { under: true } });
    probe.delayMs = 0;
    clock.advance(SAMPLE_MS);
    await open('b');
    expect(hub.stats()).toMatchObject({ connections: 2, pressure: { under: false } });
  });

  it('watches while there are connections, and leaves nothing after its end', async () => {
    const { clock, probe, openMany, hub } = setUp();
    expect([clock.pending, probe.samples]).toEqual([0, 0]);
    const clients = await openMany(2);
    expect(clock.pending).toBe(1);
    clients[0]?.transport.hangUp();
    await settled();
    expect(clock.pending).toBe(1);
    clients[1]?.transport.hangUp();
    await settled();
    expect(clock.pending).toBe(0);
    await openMany(1);
    expect(clock.pending).toBe(1);
    await hub.close();
    expect([clock.pending, probe.closed]).toEqual([0, true]);
  });
});
