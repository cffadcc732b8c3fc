import assert from 'node:assert/strict';
import type { EventId } from '@nestcast/hub';
import { eventRecord } from '../event-record.js';
import {
  assertComplete,
  assertGap,
  type BrokerFixture,
  idsOf,
  positionNow,
  publishTexts,
  replayAll,
  textsOf,
} from './fixture.js';
import type { ContractRunner } from './harness.js';

const MAX_AGE_MS = 60_000;
/** Long enough that a broker which sweeps aged events now and then has done so. */
const LONG_AFTER_MS = 3_600_000;

/** What the log no longer has is told, and only that. */
export function describeGaps(fixture: BrokerFixture, runner: ContractRunner): void {
  runner.describe('gaps', () => {
    describeTrimming(fixture, runner);
    describeStrangeCursors(fixture, runner);
    if (fixture.harness.clock !== 'real') {
      describeAgeing(fixture, runner);
    }
  });
}

function describeTrimming(fixture: BrokerFixture, { it }: ContractRunner): void {
  it('tells what was trimmed by number, and goes on with what is left', async () => {
    const broker = await fixture.broker({ maxEvents: 3 });
    const ids = await publishTexts(broker, 'a', '1', '2', '3', '4', '5');
    const replay = await broker.replay(['a'], { after: ids[0] ?? '' }, 10);
    assertGap(replay, 'trimmed', ['a']);
    assert.deepEqual(textsOf(replay.events), ['3', '4', '5']);
    assert.equal(replay.cursor, await positionNow(broker, 'a'));
  });

  it('takes a cursor at the edge of what was trimmed', async () => {
    const broker = await fixture.broker({ maxEvents: 3 });
    const [, second = ''] = await publishTexts(broker, 'a', '1', '2', '3', '4', '5');
    const replay = await broker.replay(['a'], { after: second }, 10);
    assertComplete(replay);
    assert.deepEqual(textsOf(replay.events), ['3', '4', '5']);
  });

  it('tells a gap before the first event too', async () => {
    const broker = await fixture.broker({ maxEvents: 3 });
    const empty = await positionNow(broker, 'a');
    await publishTexts(broker, 'a', '1', '2', '3');
    assertComplete(await broker.replay(['a'], { after: empty }, 10));
    await publishTexts(broker, 'a', '4');
    assertGap(await broker.replay(['a'], { after: empty }, 10), 'trimmed', ['a']);
  });

  it('tells it once: the cursor after it can be resumed', async () => {
    const broker = await fixture.broker({ maxEvents: 3 });
    const [first = ''] = await publishTexts(broker, 'a', '1', '2', '3', '4', '5');
    const page = await broker.replay(['a'], { after: first }, 2);
    assertGap(page, 'trimmed', ['a']);
    const rest = await broker.replay(['a'], { after: page.cursor }, 2);
    assertComplete(rest);
    assert.deepEqual(textsOf([...page.events, ...rest.events]), ['3', '4', '5']);
  });

  it('tells what was trimmed between two pages', async () => {
    const broker = await fixture.broker({ maxEvents: 3 });
    await publishTexts(broker, 'a', '1', '2', '3');
    const page = await broker.replay(['a'], 'start', 1);
    await publishTexts(broker, 'a', '4', '5');
    assertGap(await broker.replay(['a'], { after: page.cursor }, 1), 'trimmed', ['a']);
  });

  it('names the channels that lost events, and no other', async () => {
    const broker = await fixture.broker({ maxEvents: 3 });
    const [cursor = ''] = await publishTexts(broker, 'quiet', 'q1');
    await publishTexts(broker, 'quiet', 'q2');
    await publishTexts(broker, 'busy', '1', '2', '3', '4');
    const replay = await broker.replay(['quiet', 'busy', 'never-used'], { after: cursor }, 10);
    assertGap(replay, 'trimmed', ['busy']);
    assert.deepEqual(textsOf(replay.events), ['q2', '2', '3', '4']);
  });

  it('lets the cursor of a quiet channel be resumed however busy another one is', async () => {
    const broker = await fixture.broker({ maxEvents: 3 });
    const [cursor = ''] = await publishTexts(broker, 'quiet', 'q1', 'q2');
    await Promise.all(Array.from({ length: 100 }, () => broker.publish('busy', eventRecord())));
    const replay = await broker.replay(['quiet'], { after: cursor }, 10);
    assertComplete(replay);
    assert.deepEqual(textsOf(replay.events), ['q2']);
    assertComplete(await broker.replay(['quiet', 'never-used'], { after: replay.cursor }, 10));
  });

  it('is not trimmed by ephemeral events', async () => {
    const broker = await fixture.broker({ maxEvents: 2 });
    const [first = ''] = await publishTexts(broker, 'a', '1', '2');
    await Promise.all(Array.from({ length: 5 }, () => broker.publish('a', eventRecord({ ephemeral: true }))));
    const replay = await broker.replay(['a'], { after: first }, 10);
    assertComplete(replay);
    assert.deepEqual(textsOf(replay.events), ['2']);
  });
}

function describeStrangeCursors(fixture: BrokerFixture, { it }: ContractRunner): void {
  it('tells a cursor of another epoch', async () => {
    const broker = await fixture.broker();
    const [id = ''] = await publishTexts(broker, 'a', '1', '2');
    const replay = await broker.replay(['a', 'b'], { after: withAnotherEpoch(id) }, 10);
    assertGap(replay, 'epoch', ['a', 'b']);
    assert.deepEqual(textsOf(replay.events), ['1', '2']);
    assertComplete(await broker.replay(['a', 'b'], { after: replay.cursor }, 10));
  });

  it('tells a cursor that this log has not reached yet', async () => {
    const broker = await fixture.broker();
    const ids = await publishTexts(broker, 'a', '1', '2');
    const future = `${epochOf(ids[1] ?? '')}.${(await broker.replay(['a'], 'now', 1)).seq + 1}`;
    const replay = await broker.replay(['a'], { after: future }, 10);
    assertGap(replay, 'unknown-id', ['a']);
    assert.deepEqual(idsOf(replay.events), ids);
  });

  const garbage = [
    '',
    'abc',
    'start',
    'now',
    '.',
    '1.2.3x',
    '-1',
    'now.',
    '💥',
    '\0',
    '../1',
    'a'.repeat(10_000),
  ];
  const places = [
    '',
    '-1',
    '99999999999999999999',
    '9007199254740991',
    '1e3',
    '01',
    ' 1',
    '1 ',
    '1.5',
    '0x1',
    'NaN',
    'Infinity',
  ];

  it('tells a cursor that is no id at all', async () => {
    const broker = await fixture.broker();
    const ids = await publishTexts(broker, 'a', '1', '2');
    for (const cursor of [...garbage, ...places.map((place) => `${epochOf(ids[0] ?? '')}.${place}`)]) {
      const replay = await broker.replay(['a'], { after: cursor }, 10);
      assert.equal(replay.gap?.reason, 'unknown-id', `the cursor ${JSON.stringify(cursor.slice(0, 60))}`);
      assertGap(replay, 'unknown-id', ['a']);
      assert.deepEqual(idsOf(replay.events), ids);
    }
  });
}

function describeAgeing(fixture: BrokerFixture, { it }: ContractRunner): void {
  it('keeps an event for its age, and tells when it is gone', async () => {
    const broker = await fixture.broker({ maxAgeMs: MAX_AGE_MS });
    const [first = ''] = await publishTexts(broker, 'a', '1', '2');
    fixture.advance(MAX_AGE_MS - 1);
    await publishTexts(broker, 'a', '3');
    const young = await broker.replay(['a'], { after: first }, 10);
    assertComplete(young);
    assert.deepEqual(textsOf(young.events), ['2', '3']);
    fixture.advance(2);
    const old = await broker.replay(['a'], { after: first }, 10);
    assertGap(old, 'trimmed', ['a']);
    assert.deepEqual(textsOf(old.events), ['3']);
  });

  for (const [when, ms] of [
    ['just now', MAX_AGE_MS + 1],
    ['long ago', LONG_AFTER_MS],
  ] as const) {
    it(`tells a gap where every event has aged out ${when}`, async () => {
      const broker = await fixture.broker({ maxAgeMs: MAX_AGE_MS });
      const [first = '', last = ''] = await publishTexts(broker, 'a', '1', '2');
      const [other = ''] = await publishTexts(broker, 'b', '3');
      fixture.advance(ms);
      const replay = await broker.replay(['a', 'b'], { after: first }, 10);
      assertGap(replay, 'trimmed', ['a', 'b']);
      assert.deepEqual(replay.events, []);
      assertGap(await broker.replay(['b', 'a'], { after: last }, 10), 'trimmed', ['b']);
      assertComplete(await broker.replay(['a'], { after: last }, 10));
      assertComplete(await broker.replay(['a', 'b'], { after: other }, 10));
      assertComplete(await broker.replay(['a', 'b'], { after: replay.cursor }, 10));
    });
  }

  it('remembers what a channel lost when it is used again', async () => {
    const broker = await fixture.broker({ maxAgeMs: MAX_AGE_MS });
    const [first = '', last = ''] = await publishTexts(broker, 'a', '1', '2');
    fixture.advance(LONG_AFTER_MS);
    await publishTexts(broker, 'a', '3');
    assertGap(await broker.replay(['a'], { after: first }, 10), 'trimmed', ['a']);
    const replay = await replayAll(broker, ['a'], { after: last });
    assertComplete(replay.first);
    assert.deepEqual(textsOf(replay.events), ['3']);
  });

  it('remembers that a channel had ended', async () => {
    const broker = await fixture.broker({ maxAgeMs: MAX_AGE_MS });
    const end = await broker.publish('job', eventRecord({ data: undefined, final: true }));
    for (const ms of [MAX_AGE_MS + 1, LONG_AFTER_MS]) {
      fixture.advance(ms);
      const replay = await broker.replay(['job'], { after: end }, 10);
      assertComplete(replay);
      assert.equal(replay.ended, true, `${ms} ms later`);
    }
  });

  it('never takes the life of a channel that was not used for a lost event', async () => {
    const broker = await fixture.broker({ maxAgeMs: MAX_AGE_MS });
    const [first = ''] = await publishTexts(broker, 'a', '1');
    fixture.advance(LONG_AFTER_MS);
    assertComplete(await broker.replay(['never-used'], { after: first }, 10));
  });
}

const epochOf = (id: EventId): string => id.slice(0, id.lastIndexOf('.'));

/** The id, as another life of the log could have issued it: the same alphabet and length. */
function withAnotherEpoch(id: EventId): EventId {
  return (id.startsWith('a') ? 'b' : 'a') + id.slice(1);
}
