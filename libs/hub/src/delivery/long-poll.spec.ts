import { describe, expect, it } from '@jest/globals';
import type { Channel } from '../channel.js';
import type { Hub } from '../hub.js';
import { HandClock } from '../spec-support/hand-clock.js';
import {
  type Client,
  type ClientInit,
  openClient,
  openOn,
  publishAll,
  request,
  setUpHub,
  setUpHubWith,
  settled,
} from '../spec-support/hub-fixture.js';
import { recordOf } from '../spec-support/records.js';
import { controlsOf } from '../spec-support/stream-text.js';

const WAIT_MS = 25_000;
const END = recordOf({ data: undefined, final: true });

const waiting = (longPollMs = WAIT_MS): ClientInit => ({ options: { longPollMs } });

async function poll(
  hub: Hub,
  channels: readonly (string | Channel)[],
  init: ClientInit = {},
): Promise<Client> {
  const client = await openClient(hub, channels, { ...waiting(), ...init });
  await settled();
  return client;
}

/** The place that the client would come back with. */
const placeOf = ({ transport }: Client): string | undefined =>
  [...transport.text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1];

function expectAnswer(client: Client, place: string | undefined, ...data: string[]): void {
  expect([client.data, placeOf(client)]).toEqual([data, place]);
  expect([client.transport.ended, client.connection.closeReason]).toEqual([true, 'answered']);
  expect(controlsOf(client.transport.text, 'sse:goodbye')).toEqual([]);
}

describe('a long poll', () => {
  it('has the events after its place, all of them, and the newest place', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 1_000, maxAgeMs: 60_000 } });
    const texts = Array.from({ length: 700 }, (_, index) => String(index));
    const ids = await publishAll(hub, 'a', ...texts);
    const client = await poll(hub, ['a'], { lastEventId: ids[0] ?? '' });
    await settled();
    expectAnswer(client, ids.at(-1), ...texts.slice(1));
    expect(hub.stats()).toMatchObject({ connections: 0, channels: 0, closes: { answered: 1 } });
  });

  it('waits for events, and has those of one turn, of all its channels', async () => {
    const { hub } = setUpHub();
    const [lastEventId = ''] = await publishAll(hub, 'a', 'seen');
    const client = await poll(hub, ['a', 'b'], { lastEventId });
    expect([client.connection.state, client.transport.ended]).toEqual(['live', false]);
    const ids = await Promise.all([
      hub.publish('a', { data: '1' }),
      hub.publish('b', { data: '2' }),
      hub.publish('a', { data: '3' }),
    ]);
    await settled();
    expectAnswer(client, ids[2], '1', '2', '3');
  });

  it('is over after its time, with the place where the log was when it came', async () => {
    const { hub, clock } = setUpHub();
    const [lastEventId = ''] = await publishAll(hub, 'a', 'seen');
    const [elsewhere] = await publishAll(hub, 'b', 'of another channel');
    const client = await poll(hub, ['a'], { lastEventId });
    clock.advance(WAIT_MS - 1);
    await settled();
    expect(client.connection.closed).toBe(false);
    clock.advance(1);
    await settled();
    expectAnswer(client, elsewhere);
  });

  it.each([
    ['has no place yet', WAIT_MS, false],
    ['is not to wait', 0, true],
  ])('has its place at once where it %s', async (_what, waitMs, hasPlace) => {
    const { hub } = setUpHub();
    const [seen = ''] = await publishAll(hub, 'a', 'seen');
    const init = hasPlace ? { lastEventId: seen } : {};
    expectAnswer(await poll(hub, ['a'], { ...waiting(waitMs), ...init }), seen);
  });

  it('has the history of channels that begin with theirs', async () => {
    const { hub } = setUpHub();
    const ids = await publishAll(hub, 'a', '1', '2');
    expectAnswer(await poll(hub, [hub.channel('a').fromStart()]), ids[1], '1', '2');
    const [beside] = await publishAll(hub, 'b', 'not wanted');
    expectAnswer(await poll(hub, [hub.channel('none').fromStart(), 'b']), beside);
  });

  it('has a gap, and what the log still has', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 2, maxAgeMs: 60_000 } });
    const [lastEventId = '', ...ids] = await publishAll(hub, 'a', '1', '2', '3', '4');
    const client = await poll(hub, ['a'], { lastEventId });
    expectAnswer(client, ids[2], '3', '4');
    expect(controlsOf(client.transport.text, 'sse:gap')).toMatchObject([{ reason: 'trimmed' }]);
    const lost = await poll(hub, ['b'], { lastEventId: 'another.1' });
    expectAnswer(lost, ids[2]);
    expect(controlsOf(lost.transport.text, 'sse:gap')).toMatchObject([{ reason: 'epoch' }]);
  });

  it('has an ephemeral event', async () => {
    const { hub } = setUpHub();
    const [lastEventId = ''] = await publishAll(hub, 'a', 'seen');
    const client = await poll(hub, ['a'], { lastEventId });
    await hub.publish('a', { data: 'typing', ephemeral: true });
    await settled();
    expectAnswer(client, lastEventId, 'typing');
  });

  it('waits on where it is sent what each opening is sent, and ends with what comes later', async () => {
    const { hub } = setUpHub();
    const [lastEventId = ''] = await publishAll(hub, 'a', 'seen');
    hub.lifecycle$.subscribe(({ kind, connection }) => {
      if (kind === 'open') {
        connection.send({ data: 'from a hook' });
      }
    });
    const client = request(hub, { lastEventId });
    client.connection.send({ data: 'from the handler' });
    await openOn(hub, client, ['a'], waiting());
    await settled();
    expect(client.connection.state).toBe('live');
    client.connection.send({ data: 'for you alone' });
    await settled();
    expectAnswer(client, lastEventId, 'from the handler', 'from a hook', 'for you alone');
  });

  it('lets its client read all of it before the time for the end begins', async () => {
    const { hub, clock } = setUpHub();
    const [lastEventId = ''] = await publishAll(hub, 'a', 'seen');
    const client = await poll(hub, ['a'], { lastEventId });
    client.transport.stall();
    const [last] = await publishAll(hub, 'a', 'x'.repeat(2_000));
    await settled();
    clock.advance(20_000);
    await settled();
    expect([client.transport.destroyed, client.connection.closed]).toEqual([false, false]);
    client.transport.resume();
    await settled();
    expectAnswer(client, last, 'x'.repeat(2_000));
  });

  it('is over after its time though the log can’t be read, and has what there is', async () => {
    const { hub, clock, broker } = setUpHub({ history: { maxEvents: 400, maxAgeMs: 60_000 } });
    const texts = Array.from({ length: 400 }, (_, index) => String(index));
    const ids = await publishAll(hub, 'a', ...texts);
    broker.holdsReplays = true;
    const client = request(hub);
    const opened = openOn(hub, client, [hub.channel('a').fromStart()], waiting());
    // The first page is read, and arrives.
    await settled();
    broker.release();
    await settled();
    broker.release();
    await opened;
    expect(client.connection.state).toBe('replaying');
    clock.advance(WAIT_MS);
    await settled();
    expectAnswer(client, ids[255], ...texts.slice(0, 256));
  });

  it('says goodbye where something else ends it, even with events on their way', async () => {
    const { hub } = setUpHub();
    const [lastEventId = ''] = await publishAll(hub, 'a', 'seen');
    const client = await poll(hub, ['a'], { lastEventId });
    void hub.publish('a', { data: 'last' });
    await hub.drain();
    await settled();
    expect([client.data, client.connection.closeReason]).toEqual([['last'], 'drain']);
    expect(controlsOf(client.transport.text, 'sse:goodbye')).toMatchObject([{ reason: 'drain' }]);
  });

  it('leaves nothing behind when its client goes away', async () => {
    const clock = new HandClock();
    const { hub, broker } = setUpHubWith(clock);
    const [lastEventId = ''] = await publishAll(hub, 'a', 'seen');
    const before = clock.pending;
    const client = await poll(hub, ['a'], { lastEventId });
    expect(clock.pending).toBeGreaterThan(before);
    client.transport.hangUp();
    await settled();
    expect([clock.pending, broker.subscriptions, client.connection.closeReason]).toEqual([
      before,
      0,
      'client',
    ]);
  });

  describe('of a job', () => {
    it('hears of its end', async () => {
      const { hub } = setUpHub();
      const [lastEventId = ''] = await publishAll(hub, 'job', '1');
      const client = await poll(hub, ['job'], { lastEventId });
      await hub.publishRecord('job', END);
      await settled();
      expect(client.connection.closeReason).toBe('complete');
      expect(controlsOf(client.transport.text, 'sse:goodbye')).toEqual([{ reason: 'complete' }]);
    });

    it('that has ended, and whose client has seen all, is not opened', async () => {
      const { hub } = setUpHub();
      await publishAll(hub, 'job', '1');
      const end = await hub.publishRecord('job', END);
      const client = request(hub, { lastEventId: end });
      expect(await openOn(hub, client, ['job'], waiting())).toBe('ended');
      expect(client.transport.headers).toBeUndefined();
    });

    it('and another channel waits on after the end, which is no event', async () => {
      const { hub } = setUpHub();
      const [lastEventId = ''] = await publishAll(hub, 'job', '1');
      const client = await poll(hub, ['job', 'news'], { lastEventId });
      await hub.publishRecord('job', END);
      await settled();
      expect(client.connection.state).toBe('live');
      const [news] = await publishAll(hub, 'news', '2');
      await settled();
      expectAnswer(client, news, '2');
    });
  });
});
