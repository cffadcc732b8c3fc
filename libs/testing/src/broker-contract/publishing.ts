import assert from 'node:assert/strict';
import type { BrokerEvent, EventRecord } from '@nestcast/hub';
import { eventRecord } from '../event-record.js';
import {
  assertRising,
  type BrokerFixture,
  idsOf,
  newestOf,
  positionNow,
  publishTexts,
  record,
  replayAll,
} from './fixture.js';
import type { ContractRunner } from './harness.js';

/** Numbering, fidelity, ephemeral events, and the end of the broker. */
export function describePublishing(fixture: BrokerFixture, { describe, it }: ContractRunner): void {
  describe('publish', () => {
    it('numbers the events of all channels in one order', async () => {
      const broker = await fixture.broker();
      const ids = [
        ...(await publishTexts(broker, 'a', '1')),
        ...(await publishTexts(broker, 'b', '2', '3')),
        ...(await publishTexts(broker, 'a', '4')),
        ...(await publishTexts(broker, 'c', '5')),
      ];
      const { events } = await replayAll(broker, ['a', 'b', 'c'], 'start');
      assert.ok(ids.every((id) => typeof id === 'string' && id !== ''));
      assert.deepEqual(idsOf(events), ids);
      assertRising(events);
    });

    it('resolves with the id under which the log has the event', async () => {
      const broker = await fixture.broker();
      const id = await broker.publish('a', eventRecord({ data: 'found' }));
      const { events } = await broker.replay(['a'], 'start', 10);
      assert.deepEqual(
        events.map((event) => [event.id, event.data]),
        [[id, 'found']],
      );
    });

    it('stamps an event with the time', async () => {
      const broker = await fixture.broker();
      const before = fixture.clock.now();
      await broker.publish('a', eventRecord());
      const { events } = await broker.replay(['a'], 'start', 1);
      const { at } = newestOf(events);
      if (fixture.harness.clock === 'real') {
        assert.ok(Math.abs(at - before) < 60_000, `${at} is not about now`);
      } else {
        assert.equal(at, before);
      }
    });

    for (const [what, data] of Object.entries(DATA)) {
      it(`carries and keeps ${what}`, async () => {
        const broker = await fixture.broker();
        const live = await record(broker, 'a');
        const sent = eventRecord({ type: 'täst', data, json: true, key: 'kéy', retryMs: 0, trace: 'a b' });
        await broker.publish('a', sent);
        await live.count(1);
        const { events } = await broker.replay(['a'], 'start', 10);
        for (const event of [newestOf(live.events), newestOf(events)]) {
          assert.deepEqual(toRecord(event), sent);
          assert.equal(event.channel, 'a');
        }
      });
    }

    it('keeps every field apart from its neighbours', async () => {
      const broker = await fixture.broker();
      const sent = [
        eventRecord({ type: '', key: '', data: '' }),
        eventRecord({ type: 'x', json: true, data: '{"a":[1]}', retryMs: 2_500 }),
        eventRecord({ key: 'k', final: true, data: undefined }),
      ];
      for (const each of sent) {
        await broker.publish('a', each);
      }
      const { events } = await broker.replay(['a'], 'start', 10);
      assert.deepEqual(events.map(toRecord), sent);
    });
  });

  describe('ephemeral events', () => {
    it('reach the sinks without an id, in their place', async () => {
      const broker = await fixture.broker();
      const live = await record(broker, 'a');
      await publishTexts(broker, 'a', 'before');
      const id = await broker.publish('a', eventRecord({ data: 'typing', ephemeral: true }));
      await publishTexts(broker, 'a', 'after');
      const [before, ephemeral] = await live.count(3);
      assert.equal(id, '');
      assert.deepEqual(live.data, ['before', 'typing', 'after']);
      assert.equal(ephemeral?.id, '');
      assert.equal(ephemeral?.ephemeral, true);
      assert.equal(ephemeral?.seq, before?.seq);
    });

    it('are in no log and move no cursor', async () => {
      const broker = await fixture.broker();
      const [first] = await publishTexts(broker, 'a', 'kept');
      const before = await positionNow(broker, 'a');
      await broker.publish('a', eventRecord({ ephemeral: true }));
      await broker.publish('b', eventRecord({ ephemeral: true }));
      assert.equal(await positionNow(broker, 'a'), before);
      const { events, last } = await replayAll(broker, ['a', 'b'], 'start');
      assert.deepEqual(idsOf(events), [first]);
      assert.equal(last.cursor, before);
    });
  });

  describe('close', () => {
    it('makes every later call reject with BROKER_CLOSED', async () => {
      const broker = await fixture.broker();
      await publishTexts(broker, 'a', 'x');
      await fixture.close(broker);
      const closed = { name: 'SseError', code: 'BROKER_CLOSED' };
      await assert.rejects(broker.publish('a', eventRecord()), closed);
      await assert.rejects(broker.publish('a', eventRecord({ ephemeral: true })), closed);
      await assert.rejects(
        broker.subscribe('a', () => assert.fail('a sink of a closed broker was called')),
        closed,
      );
      await assert.rejects(broker.replay(['a'], 'start', 1), closed);
    });

    it('lets a subscription be ended after it', async () => {
      const broker = await fixture.broker();
      const unsubscribe = await broker.subscribe('a', () => assert.fail('nothing was published'));
      await fixture.close(broker);
      await unsubscribe();
    });
  });
}

const DATA: Readonly<Record<string, string | undefined>> = {
  'no data': undefined,
  'empty data': '',
  'the text "undefined"': 'undefined',
  'the text "null"': 'null',
  'line breaks of all kinds': '\na\r\nb\rc\n\n',
  'NUL and other control characters': 'a\0b\u0001\u001b\u007f\u0085\u2028',
  'unicode beyond the first plane': 'žluťoučký 🐎 \u{10FFFF} e\u0301 \uFEFF',
  'what looks like a frame': 'id: 9\nevent: x\ndata: y\n\n',
  'a megabyte': '0123456789abcdeř'.repeat(65_536),
};

/** The record in an event, with every field there even if it is undefined. */
function toRecord(event: BrokerEvent): EventRecord {
  const { type, data, json, key, ephemeral, retryMs, final, trace } = event;
  return { type, data, json, key, ephemeral, retryMs, final, trace };
}
