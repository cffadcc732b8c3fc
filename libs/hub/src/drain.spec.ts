import { describe, expect, it } from '@jest/globals';
import { caught } from './spec-support/caught.js';
import {
  type Client,
  openClient,
  publishAll,
  request,
  setUpHub,
  settled,
} from './spec-support/hub-fixture.js';
import { controlsOf, readStream } from './spec-support/stream-text.js';

const WINDOW_MS = 5_000;
/** A quarter of the window, before which nobody comes back. */
const FIRST_MS = 1_250;
const HALF_SECOND = 500;

async function openMany(count: number, fixture = setUpHub()): Promise<Client[]> {
  const clients: Client[] = [];
  for (let index = 0; index < count; index += 1) {
    clients.push(await openClient(fixture.hub, ['a']));
  }
  return clients;
}

/** The most of these moments, in ascending order, that lie within one span of this length. */
function mostWithin(spanMs: number, moments: readonly number[]): number {
  return Math.max(...moments.map((from) => moments.filter((at) => at >= from && at < from + spanMs).length));
}

describe('drain', () => {
  it('tells each client to come back at a moment of its own, spread over the window', async () => {
    const fixture = setUpHub();
    const clients = await openMany(200, fixture);
    await fixture.hub.drain();
    const moments = clients.map(({ transport }) => readStream(transport.text).retries.at(-1) ?? -1);
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(FIRST_MS);
    expect(Math.max(...moments)).toBeLessThan(FIRST_MS + WINDOW_MS);
    for (let from = FIRST_MS; from < FIRST_MS + WINDOW_MS; from += HALF_SECOND) {
      const within = moments.filter((ms) => ms >= from && ms < from + HALF_SECOND).length;
      expect(within).toBeGreaterThan(15);
      expect(within).toBeLessThan(25);
    }
    // In no order that a restart would repeat.
    expect(moments).not.toEqual(moments.toSorted((a, b) => a - b));
    const [goodbye] = controlsOf(clients[0]?.transport.text ?? '', 'sse:goodbye');
    expect(goodbye).toEqual({ reason: 'drain', retryMs: moments[0] });
  });

  it('never brings a quarter of them back in the same half second, however long the node is away', async () => {
    const fixture = setUpHub();
    const clients = await openMany(200, fixture);
    await fixture.hub.drain();
    const moments = clients.map(({ transport }) => readStream(transport.text).retries.at(-1) ?? -1);
    for (let awayMs = 0; awayMs <= 30_000; awayMs += 125) {
      // [spec] WHATWG 9.2.3: one that is refused tries again after the same time.
      const backAt = moments.map((ms) => ms * Math.max(1, Math.ceil(awayMs / ms))).toSorted((a, b) => a - b);
      expect({ awayMs, together: mostWithin(HALF_SECOND, backAt) < 50 }).toEqual({ awayMs, together: true });
    }
  });

  it('ends every stream, and takes no new one', async () => {
    const fixture = setUpHub();
    const clients = await openMany(3, fixture);
    const drained = fixture.hub.drain();
    expect((await caught(() => request(fixture.hub))).code).toBe('DRAINING');
    await drained;
    expect(clients.map(({ transport, connection }) => [transport.ended, connection.closeReason])).toEqual(
      clients.map(() => [true, 'drain']),
    );
    expect(fixture.clock.pending).toBe(0);
  });

  it('is no longer ready from the announcement on, but goes on', async () => {
    const { hub } = setUpHub();
    const client = await openClient(hub, ['a']);
    expect(hub.ready).toBe(true);
    hub.announceDrain();
    expect(hub.ready).toBe(false);
    const late = await openClient(hub, ['a']);
    await publishAll(hub, 'a', '1');
    await settled();
    expect([client.data, late.data]).toEqual([['1'], ['1']]);
  });

  it('cuts off who does not read the end within 500 ms, and waits for nobody else', async () => {
    const fixture = setUpHub();
    const [reads, stalls] = await openMany(2, fixture);
    stalls?.transport.stall();
    let done = false;
    const drained = fixture.hub.drain().then(() => (done = true));
    await settled();
    fixture.clock.advance(499);
    await settled();
    expect([done, stalls?.transport.destroyed]).toEqual([false, false]);
    fixture.clock.advance(1);
    await drained;
    expect([reads?.transport.destroyed, stalls?.transport.destroyed]).toEqual([false, true]);
    expect(fixture.clock.pending).toBe(0);
  });

  it('cuts off as soon who was closed before and still has not read it', async () => {
    const fixture = setUpHub();
    const [stalls] = await openMany(1, fixture);
    stalls?.transport.stall();
    stalls?.connection.close();
    const drained = fixture.hub.drain();
    await settled();
    fixture.clock.advance(500);
    await drained;
    expect([stalls?.transport.destroyed, fixture.clock.pending]).toEqual([true, 0]);
  });

  it('sends what was published before it', async () => {
    const fixture = setUpHub();
    const [client] = await openMany(1, fixture);
    await publishAll(fixture.hub, 'a', 'the last');
    await fixture.hub.drain();
    expect(client?.data).toEqual(['the last']);
  });

  it('goes on for the others where a response throws at its goodbye', async () => {
    const fixture = setUpHub();
    const [broken, sound] = await openMany(2, fixture);
    if (broken) {
      broken.transport.write = () => {
        throw new Error('wrapped');
      };
    }
    await fixture.hub.drain();
    expect([broken?.transport.destroyed, sound?.transport.ended]).toEqual([true, true]);
    expect(sound?.connection.closeReason).toBe('drain');
    expect(fixture.errors).toEqual([expect.stringContaining('the goodbye of the connection')]);
    expect(fixture.clock.pending).toBe(0);
  });

  it('leaves the broker time to close, however many there are to be told goodbye', async () => {
    const { hub, clock, broker, errors } = setUpHub();
    await openClient(hub, ['a']);
    hub.lifecycle$.subscribe(({ kind }) => {
      if (kind === 'close') {
        clock.advance(1_000);
      }
    });
    Object.assign(broker, {
      close: () => new Promise<void>((resolve) => void clock.schedule(100, resolve)),
    });
    const closed = hub.close();
    await settled();
    clock.advance(100);
    await closed;
    expect(errors).toEqual([]);
  });

  it('is over at once where nobody is connected', async () => {
    const { hub, clock } = setUpHub();
    await hub.drain();
    await hub.drain();
    expect(clock.pending).toBe(0);
  });
});
