import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { eventRecord } from '../event-record.js';
import {
  assertComplete,
  assertRising,
  type BrokerFixture,
  idsOf,
  positionNow,
  publishTexts,
  replayAll,
  textsOf,
} from './fixture.js';
import type { ContractRunner } from './harness.js';

/** Reading the log: from where, how much, and whether it has ended. */
export function describeReplay(fixture: BrokerFixture, { describe, it }: ContractRunner): void {
  describe('replay', () => {
    it('gives the events after an id', async () => {
      const broker = await fixture.broker();
      const [, second = '', third = ''] = await publishTexts(broker, 'a', '1', '2', '3');
      const replay = await broker.replay(['a'], { after: second }, 10);
      assert.deepEqual(idsOf(replay.events), [third]);
      assertComplete(replay);
      assert.equal(replay.more, false);
    });

    it('gives from the start what the log still has, and tells what it has no longer', async () => {
      const broker = await fixture.broker({ maxEvents: 2 });
      await publishTexts(broker, 'a', '1', '2', '3');
      const replay = await broker.replay(['a'], 'start', 10);
      assert.deepEqual(textsOf(replay.events), ['2', '3']);
      assert.equal(replay.complete, false);
      assert.deepEqual(replay.gap, { reason: 'trimmed', channels: ['a'] });
    });

    it('gives only the present cursor for now', async () => {
      const broker = await fixture.broker();
      await publishTexts(broker, 'a', '1', '2');
      const now = await broker.replay(['a'], 'now', 10);
      assert.deepEqual(now.events, []);
      assertComplete(now);
      assert.equal(now.more, false);
      await publishTexts(broker, 'a', '3');
      const later = await broker.replay(['a'], { after: now.cursor }, 10);
      assert.deepEqual(textsOf(later.events), ['3']);
      assert.ok(later.seq > now.seq);
      assertComplete(later);
    });

    it('has a cursor to resume from before the first event', async () => {
      const broker = await fixture.broker();
      const empty = await broker.replay(['a', 'b'], 'now', 10);
      assert.notEqual(empty.cursor, '');
      await publishTexts(broker, 'b', 'first');
      const replay = await broker.replay(['a', 'b'], { after: empty.cursor }, 10);
      assert.deepEqual(textsOf(replay.events), ['first']);
      assertComplete(replay);
    });

    it('merges channels in id order', async () => {
      const broker = await fixture.broker();
      await publishTexts(broker, 'a', '1');
      await publishTexts(broker, 'b', '2');
      await publishTexts(broker, 'c', 'not asked for');
      await publishTexts(broker, 'a', '3', '4');
      await publishTexts(broker, 'b', '5');
      const replay = await broker.replay(['b', 'a', 'never-used'], 'start', 10);
      assert.deepEqual(textsOf(replay.events), ['1', '2', '3', '4', '5']);
      assertRising(replay.events);
    });

    it('gives a channel that is asked for twice once', async () => {
      const broker = await fixture.broker();
      await publishTexts(broker, 'a', '1', '2');
      const replay = await broker.replay(['a', 'a'], 'start', 10);
      assert.deepEqual(textsOf(replay.events), ['1', '2']);
    });

    it('gives no more than the limit, from the oldest on, and says that there is more', async () => {
      const broker = await fixture.broker();
      const ids = await publishTexts(broker, 'a', '1', '2', '3');
      const page = await broker.replay(['a'], 'start', 2);
      assert.deepEqual(textsOf(page.events), ['1', '2']);
      assert.equal(page.more, true);
      assert.equal(page.cursor, ids[1]);
      const exact = await broker.replay(['a'], 'start', 3);
      assert.equal(exact.events.length, 3);
      assert.equal(exact.more, false);
    });

    it('takes the cursor to the present end when there is no more', async () => {
      const broker = await fixture.broker();
      await publishTexts(broker, 'a', '1');
      await publishTexts(broker, 'b', '2', '3');
      const replay = await broker.replay(['a'], 'start', 10);
      assert.equal(replay.cursor, await positionNow(broker, 'a'));
    });

    it('visits each event once, page by page, while others are published', async () => {
      const broker = await fixture.broker();
      const ids = await publishTexts(broker, 'a', '1', '2', '3', '4', '5');
      const seen: string[] = [];
      let page = await broker.replay(['a', 'b'], 'start', 2);
      seen.push(...idsOf(page.events));
      for (const text of ['6', '7']) {
        ids.push(...(await publishTexts(broker, 'b', text)));
        page = await broker.replay(['a', 'b'], { after: page.cursor }, 2);
        seen.push(...idsOf(page.events));
      }
      const { events } = await replayAll(broker, ['a', 'b'], { after: page.cursor }, 2);
      assert.deepEqual([...seen, ...idsOf(events)], ids);
    });

    it('reads the same in pages of any size (property)', async () => {
      const broker = await fixture.broker();
      const channelsOfEvents = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 20 });
      const asked = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          channelsOfEvents,
          asked,
          fc.integer({ min: 1, max: 7 }),
          async (sequence, read, limit) => {
            run += 1;
            const nameOf = (channel: string): string => `${channel}-${run}`;
            const ids: string[] = [];
            for (const channel of sequence) {
              const id = await broker.publish(nameOf(channel), eventRecord());
              ids.push(...(read.includes(channel) ? [id] : []));
            }
            const { events, first } = await replayAll(broker, read.map(nameOf), 'start', limit);
            assert.deepEqual(idsOf(events), ids);
            assertComplete(first);
          },
        ),
        { numRuns: fixture.harness.runs ?? 50 },
      );
    });
  });

  describe('a final event', () => {
    const final = eventRecord({ data: undefined, final: true });

    it('ends its channel for those who have read it', async () => {
      const broker = await fixture.broker();
      const [first = ''] = await publishTexts(broker, 'job', '1');
      const end = await broker.publish('job', final);
      const whole = await broker.replay(['job'], 'start', 10);
      assert.deepEqual(idsOf(whole.events), [first, end]);
      assert.equal(whole.events[1]?.final, true);
      for (const from of [
        'start',
        'now',
        { after: first },
        { after: end },
        { after: whole.cursor },
      ] as const) {
        assert.equal((await broker.replay(['job'], from, 10)).ended, true, JSON.stringify(from));
      }
    });

    it('has not ended it for those who are still to read on', async () => {
      const broker = await fixture.broker();
      await publishTexts(broker, 'job', '1', '2');
      await broker.publish('job', final);
      const page = await broker.replay(['job'], 'start', 2);
      assert.equal(page.more, true);
      assert.equal(page.ended, false);
      assert.equal((await broker.replay(['job'], { after: page.cursor }, 2)).ended, true);
    });

    it('is outdone by a later event', async () => {
      const broker = await fixture.broker();
      await broker.publish('job', final);
      await publishTexts(broker, 'job', 'again');
      assert.equal((await broker.replay(['job'], 'start', 10)).ended, false);
    });

    it('has to have come on every channel asked for', async () => {
      const broker = await fixture.broker();
      await broker.publish('job', final);
      await publishTexts(broker, 'other', '1');
      assert.equal((await broker.replay(['job', 'other'], 'start', 10)).ended, false);
      assert.equal((await broker.replay(['job', 'never-used'], 'start', 10)).ended, false);
      await broker.publish('other', final);
      assert.equal((await broker.replay(['job', 'other'], 'start', 10)).ended, true);
    });

    it('is not undone by ephemeral events, nor by other channels', async () => {
      const broker = await fixture.broker();
      await broker.publish('job', final);
      await broker.publish('job', eventRecord({ ephemeral: true }));
      await publishTexts(broker, 'other', '1');
      assert.equal((await broker.replay(['job'], 'start', 10)).ended, true);
    });

    it('has not come on a channel that was never used', async () => {
      const broker = await fixture.broker();
      assert.equal((await broker.replay(['job'], 'start', 10)).ended, false);
    });
  });
}
