import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventRecord } from '../../event.js';
import { HandClock } from '../../spec-support/hand-clock.js';
import { HandLink } from '../../spec-support/link-pair.js';
import { settled } from '../../spec-support/hub-fixture.js';
import type { HistoryOptions, Interruption } from '../broker.js';
import { ClusterBroker } from './cluster-broker.js';
import { ClusterLog } from './cluster-log.js';

const HISTORY: HistoryOptions = { maxEvents: 100_000, maxAgeMs: 600_000 };
const claims = [{ key: 'user:ann', limit: 'perUser', max: 1 }];
/** How long a primary may be silent; milliseconds. */
const SILENCE_MS = 2_000;

const text = (data: string): EventRecord => ({
  type: '',
  data,
  json: false,
  key: undefined,
  ephemeral: false,
  retryMs: undefined,
  final: false,
});

interface Node {
  readonly broker: ClusterBroker;
  /** Its end of the link, and the primary's. */
  readonly link: HandLink;
  readonly primary: HandLink;
}

describe('the log of a cluster', () => {
  let clock: HandClock;
  let log: ClusterLog;
  let errors: string[];
  let loads: number[];
  beforeEach(() => {
    clock = new HandClock();
    errors = [];
    loads = [];
    log = new ClusterLog({ clock, onError });
  });
  afterEach(() => log.close());

  const onError = (error: unknown, what: string): void => void errors.push(`${what}: ${String(error)}`);

  function join(history = HISTORY, served = true): Node {
    const [link, primary] = HandLink.pair();
    if (served) {
      log.serve(primary, (connections) => loads.push(connections));
    }
    return { broker: new ClusterBroker({ history, clock, onError }, link), link, primary };
  }

  it('is kept with its epoch when all nodes are gone', async () => {
    const one = join();
    const id = await one.broker.publish('a', text('1'));
    await one.broker.publish('a', text('2'));
    one.link.close();
    const { broker } = join();
    const { events, complete } = await broker.replay(['a'], { after: id }, 10);
    expect([complete, events.map(({ data }) => data)]).toEqual([true, ['2']]);
  });

  it('refuses a node with another history by name', async () => {
    await join().broker.publish('a', text('1'));
    const { broker } = join({ ...HISTORY, maxEvents: 5 });
    const refused = {
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/100000 events .* but this one says 5 events/),
    };
    await expect(broker.publish('a', text('2'))).rejects.toMatchObject(refused);
    await expect(broker.replay(['a'], 'start', 1)).rejects.toMatchObject(refused);
    expect(await broker.health()).toMatchObject({ up: false });
    expect(errors).toEqual([expect.stringContaining('joining the cluster: SseError: The cluster')]);
    await broker.close();
    await expect(broker.publish('a', text('2'))).rejects.toMatchObject({ code: 'BROKER_CLOSED' });
  });

  it.each(['dies', 'closes'])('gets back what a node holds that %s', async (how) => {
    const [one, other] = [join(), join()];
    await one.broker.leases.take(claims);
    expect(await other.broker.leases.take(claims)).toMatchObject({ refused: { key: 'user:ann' } });
    if (how === 'dies') {
      one.link.close();
    } else {
      await one.broker.close();
    }
    expect(await other.broker.leases.take(claims)).not.toHaveProperty('refused');
  });

  it('takes nothing in any more from a node that closes, which nobody would give back', async () => {
    const [one, other] = [join(), join()];
    await settled();
    const closed = one.broker.close();
    const refused = { code: 'BROKER_CLOSED' };
    await expect(one.broker.leases.take(claims)).rejects.toMatchObject(refused);
    await expect(one.broker.subscribe('a', () => undefined)).rejects.toMatchObject(refused);
    await expect(one.broker.publish('a', text('1'))).rejects.toMatchObject(refused);
    await closed;
    one.link.close();
    expect(await other.broker.leases.take(claims)).not.toHaveProperty('refused');
    expect((await other.broker.replay(['a'], 'start', 1)).events).toEqual([]);
  });

  it('lets a key be used once over all nodes, until it has run out', async () => {
    const [one, other] = [join(), join()];
    const spent = await Promise.all([
      one.broker.spendOnce('ticket', 1_000),
      other.broker.spendOnce('ticket', 1_000),
    ]);
    expect(spent.toSorted()).toEqual([false, true]);
    clock.advance(1_000);
    expect(await other.broker.spendOnce('ticket', 1_000)).toBe(true);
  });

  it('knows the loads of the nodes that are there', async () => {
    const [one, other] = [join(), join()];
    expect(await one.broker.loads.report(5)).toEqual([5]);
    expect(await other.broker.loads.report(7)).toEqual([5, 7]);
    one.link.close();
    expect(await other.broker.loads.report(6)).toEqual([6]);
    expect(loads).toEqual([5, 7, 6]);
  });

  it('leaves out the load of a node that tells nothing any more', async () => {
    const [one, silent] = [join(), join()];
    await silent.broker.loads.report(3);
    await one.broker.loads.report(5);
    const told: number[][] = [];
    for (let round = 0; round < 5; round += 1) {
      clock.advance(1_000);
      told.push([...(await one.broker.loads.report(5))]);
    }
    expect(told).toEqual([[3, 5], [3, 5], [3, 5], [5], [5]]);
    expect(await silent.broker.loads.report(4)).toEqual([4, 5]);
  });

  it('compares the brokers of a process with those that other processes have made in the same order', async () => {
    const [link, primary] = HandLink.pair();
    const [otherLink, otherPrimary] = HandLink.pair();
    log.serve(primary, (connections) => loads.push(connections));
    log.serve(otherPrimary);
    const context = { history: HISTORY, clock, onError };
    const [large, small] = [1, 2].map((number) => new ClusterBroker(context, link, number));
    const [otherLarge, otherSmall] = [1, 2].map((number) => new ClusterBroker(context, otherLink, number));
    await large?.loads.report(100);
    await small?.loads.report(2);
    expect(await otherLarge?.loads.report(98)).toEqual([100, 98]);
    expect(await otherSmall?.loads.report(3)).toEqual([2, 3]);
    expect(loads).toEqual([100, 102]);
  });

  it('sends the events of one turn in one message', async () => {
    const [publisher, reader] = [join(), join()];
    await reader.broker.subscribe('a', () => undefined);
    await settled();
    reader.primary.pause();
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => publisher.broker.publish('a', text(`${index}`))),
    );
    expect(reader.primary.unread).toHaveLength(1);
  });

  it('gives a node only the events of channels that it listens to', async () => {
    const [publisher, reader] = [join(), join()];
    const unsubscribe = await reader.broker.subscribe('a', () => undefined);
    await settled();
    reader.primary.pause();
    await publisher.broker.publish('b', text('1'));
    await unsubscribe();
    await settled();
    await publisher.broker.publish('a', text('2'));
    await settled();
    expect(reader.primary.unread).toEqual([]);
  });

  it('keeps little for a node that does not read, which is told what to read again', async () => {
    const [publisher, reader] = [join(), join()];
    const had: { a: string[]; quiet: string[] } = { a: [], quiet: [] };
    const interruptions: [string, Interruption][] = [];
    for (const channel of ['a', 'quiet'] as const) {
      await reader.broker.subscribe(
        channel,
        ({ data = '' }) => had[channel].push(data.slice(0, 4)),
        (interruption) => interruptions.push([channel, interruption]),
      );
    }
    reader.primary.pause();
    const mebibyte = 'x'.repeat(1_048_576);
    for (let number = 1000; number < 1040; number += 1) {
      await publisher.broker.publish('a', text(`${number}${mebibyte}`));
    }
    expect(JSON.stringify(reader.primary.unread).length).toBeLessThan(20 * mebibyte.length);
    reader.primary.resume();
    await settled();
    expect(interruptions).toEqual([['a', {}]]);
    const { length } = had.a;
    expect(length).toBeLessThan(20);
    // In order to the interruption, and then what comes later.
    expect(had.a).toEqual(Array.from({ length }, (_, index) => String(1000 + index)));
    await publisher.broker.publish('a', text('last'));
    await publisher.broker.publish('quiet', text('here'));
    await settled();
    expect(had.a.slice(length)).toEqual(['last']);
    expect(had.quiet).toEqual(['here']);
    const { events } = await reader.broker.replay(['a'], 'start', 100);
    expect(events).toHaveLength(41);
  });

  it('answers a node that does not read when it has read', async () => {
    const [publisher, reader] = [join(), join()];
    await publisher.broker.publish('a', text('x'.repeat(5_000_000)));
    reader.primary.pause();
    const replays = Array.from({ length: 100 }, () => reader.broker.replay(['a'], 'start', 1));
    await settled();
    await settled();
    expect(JSON.stringify(reader.primary.unread).length).toBeLessThan(50_000_000);
    reader.primary.resume();
    const read = await Promise.all(replays);
    expect(read.every(({ events }) => events.length === 1)).toBe(true);
  });

  describe('whose primary is silent', () => {
    it('is unavailable in a moment, and then at once, until it says something', async () => {
      const { broker, link } = join();
      await broker.publish('a', text('1'));
      link.pause();
      const published = broker.publish('a', text('2')).catch((error: unknown) => error);
      const taken = broker.leases.take(claims).catch((error: unknown) => error);
      const subscribed = broker.subscribe('a', () => undefined).catch((error: unknown) => error);
      clock.advance(SILENCE_MS);
      const away = { code: 'BROKER_UNAVAILABLE', message: expect.stringContaining('does not answer') };
      expect(await Promise.all([published, taken, subscribed])).toEqual([
        expect.objectContaining(away),
        expect.objectContaining(away),
        expect.objectContaining(away),
      ]);
      await expect(broker.publish('a', text('3'))).rejects.toMatchObject(away);
      expect(await broker.health()).toMatchObject({ up: false });
      link.resume();
      await settled();
      expect(await broker.health()).toEqual({ up: true });
      // Nobody has been told of it, and so nobody holds it.
      expect(await join().broker.leases.take(claims)).not.toHaveProperty('refused');
      const { events } = await broker.replay(['a'], 'start', 10);
      expect(events.map(({ data }) => data)).toEqual(['1', '2']);
    });

    it('says what to do where nobody serves it', async () => {
      const { broker } = join(HISTORY, false);
      const published = broker.publish('a', text('1'));
      clock.advance(SILENCE_MS);
      await expect(published).rejects.toThrow(/runCluster\(\) or serveClusterBroker\(\)/);
      await broker.close();
    });

    it('is waited for as long as it takes to read its words after a pause of this process', async () => {
      const { broker } = join();
      await broker.publish('a', text('1'));
      const published = broker.publish('a', text('2'));
      // One look, however late.
      clock.advance(500);
      expect(await published).not.toBe('');
    });
  });

  it('is unavailable to nodes whose primary is gone', async () => {
    const { broker, link } = join();
    await broker.publish('a', text('1'));
    const published = broker.publish('a', text('2'));
    link.close();
    await expect(published).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await broker.close();
  });
});
