import assert from 'node:assert/strict';
import { eventRecord } from '../event-record.js';
import { assertRising, type BrokerFixture, idsOf, publishTexts, record, replayAll } from './fixture.js';
import type { ContractRunner } from './harness.js';
import { SinkRecorder } from './sink-recorder.js';

/** Who gets which events, and in which order. */
export function describeSubscription(fixture: BrokerFixture, { describe, it }: ContractRunner): void {
  describe('subscribe', () => {
    it('gives every sink of a channel its events in order', async () => {
      const broker = await fixture.broker();
      const one = await record(broker, 'a');
      const other = await record(broker, 'a');
      const ids = await publishTexts(broker, 'a', '1', '2', '3');
      await one.count(3);
      await other.count(3);
      assert.deepEqual(one.ids, ids);
      assert.deepEqual(other.ids, ids);
    });

    it('gives what the log has, to the last field', async () => {
      const broker = await fixture.broker();
      const live = await record(broker, 'a');
      await publishTexts(broker, 'a', '1', '2');
      await live.count(2);
      const { events } = await broker.replay(['a'], 'start', 10);
      assert.deepEqual(
        events.map((event) => ({ ...event })),
        live.events.map((event) => ({ ...event })),
      );
    });

    it('gives nothing that was published before', async () => {
      const broker = await fixture.broker();
      await publishTexts(broker, 'a', 'before');
      const live = await record(broker, 'a');
      await publishTexts(broker, 'a', 'after');
      await live.count(1);
      assert.deepEqual(live.data, ['after']);
    });

    it('gives nothing of other channels', async () => {
      const broker = await fixture.broker();
      const live = await record(broker, 'a');
      await publishTexts(broker, 'b', 'other');
      await publishTexts(broker, 'a', 'mine');
      await live.count(1);
      assert.deepEqual(live.data, ['mine']);
    });

    it('takes channel names literally', async () => {
      const broker = await fixture.broker();
      const names = [
        'user/1',
        'user/*',
        'user/?',
        'user/[1]',
        'USER/1',
        ' user/1',
        '{user}/1',
        'üser/1',
        '__proto__',
      ];
      const recorders = await Promise.all(names.map((name) => record(broker, name)));
      for (const name of names) {
        await publishTexts(broker, name, name);
      }
      await Promise.all(recorders.map((each) => each.count(1)));
      assert.deepEqual(
        recorders.map(({ data }) => data),
        names.map((name) => [name]),
      );
      const replays = await Promise.all(names.map((name) => broker.replay([name], 'start', 10)));
      assert.deepEqual(
        replays.map(({ events }) => events.map(({ data, channel }) => [data, channel])),
        names.map((name) => [[name, name]]),
      );
    });

    it('calls a sink of several channels in the one order', async () => {
      const broker = await fixture.broker();
      const live = await record(broker, 'a', 'b', 'c');
      const channels = ['a', 'b', 'c', 'b', 'a', 'c', 'c', 'a'];
      await Promise.all(channels.map((channel) => broker.publish(channel, eventRecord())));
      await live.count(channels.length);
      assertRising(live.events);
      assert.equal(live.events.length, channels.length);
    });

    it('keeps the order for all sinks when a sink publishes', async () => {
      const broker = await fixture.broker();
      const answers: Promise<unknown>[] = [];
      await broker.subscribe('a', (event) => {
        if (event.data === 'question') {
          answers.push(broker.publish('a', eventRecord({ data: 'answer' })));
        }
      });
      const live = await record(broker, 'a');
      await publishTexts(broker, 'a', 'question');
      await live.count(2);
      await Promise.all(answers);
      assert.deepEqual(live.data, ['question', 'answer']);
      assertRising(live.events);
    });

    it('has an event in the log by the time a sink is given it', async () => {
      const broker = await fixture.broker();
      const found: Promise<boolean>[] = [];
      const recorder = new SinkRecorder();
      await broker.subscribe('a', (event) => {
        const reading = broker.replay(['a'], 'start', 10);
        found.push(reading.then(({ events }) => events.some(({ id }) => id === event.id)));
        recorder.sink(event);
      });
      await publishTexts(broker, 'a', '1', '2');
      await recorder.count(2);
      assert.deepEqual(await Promise.all(found), [true, true]);
    });
  });

  describe('unsubscribe', () => {
    it('stops the sink at once, and only this one', async () => {
      const broker = await fixture.broker();
      const stopped = new SinkRecorder();
      const unsubscribe = await broker.subscribe('a', stopped.sink);
      const other = await record(broker, 'a');
      const [first] = await publishTexts(broker, 'a', '1');
      await Promise.all([stopped.count(1), other.count(1)]);
      // Not awaited yet: what counts is the call.
      const done = unsubscribe();
      await publishTexts(broker, 'a', '2');
      await other.count(2);
      await done;
      await publishTexts(broker, 'a', '3');
      await other.count(3);
      assert.deepEqual(stopped.ids, [first]);
    });

    it('may be called twice, and from within the sink', async () => {
      const broker = await fixture.broker();
      const stopped = new SinkRecorder();
      const ends: Promise<void>[] = [];
      const unsubscribe = await broker.subscribe('a', (event) => {
        stopped.sink(event);
        ends.push(unsubscribe(), unsubscribe());
      });
      const other = await record(broker, 'a');
      await publishTexts(broker, 'a', '1', '2');
      await other.count(2);
      await Promise.all(ends);
      assert.equal(stopped.events.length, 1);
    });

    it('leaves the log as it is, and lets the channel be subscribed again', async () => {
      const broker = await fixture.broker();
      const unsubscribe = await broker.subscribe('a', () => undefined);
      const ids = await publishTexts(broker, 'a', '1');
      await unsubscribe();
      ids.push(...(await publishTexts(broker, 'a', '2')));
      const again = await record(broker, 'a');
      const [third = ''] = await publishTexts(broker, 'a', '3');
      await again.seen(third);
      assert.deepEqual(again.ids, [third]);
      const { events } = await replayAll(broker, ['a'], 'start');
      assert.deepEqual(idsOf(events), [...ids, third]);
    });
  });
}
