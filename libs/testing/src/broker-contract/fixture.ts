import assert from 'node:assert/strict';
import type {
  Broker,
  BrokerContext,
  BrokerEvent,
  Clock,
  EventId,
  GapReason,
  HistoryOptions,
  Replay,
  ReplayStart,
} from '@nestcast/hub';
import { eventRecord } from '../event-record.js';
import { ManualClock } from '../manual-clock.js';
import { SystemClock } from '../system-clock.js';
import type { BrokerHarness } from './harness.js';
import { SinkRecorder } from './sink-recorder.js';

/** More than any case publishes. */
export const EVERYTHING = 10_000;

/** What one case of the contract works with: brokers that are closed after it, and its clock. */
export class BrokerFixture {
  private clockOfCase: Clock = new SystemClock();
  private readonly open = new Set<Broker>();
  /** What the brokers have reported, which they have no reason to. */
  private readonly reports: unknown[] = [];
  private mayReport = false;

  constructor(readonly harness: BrokerHarness) {}

  get clock(): Clock {
    return this.clockOfCase;
  }

  /** For a case in which a broker may report that it is cut off. */
  allowReports(): void {
    this.mayReport = true;
  }

  begin(): void {
    this.mayReport = false;
    this.clockOfCase = this.harness.clock === 'real' ? new SystemClock() : new ManualClock();
  }

  async broker(history: Partial<HistoryOptions> = {}): Promise<Broker> {
    const broker = await this.harness.create(this.context(history));
    this.open.add(broker);
    return broker;
  }

  async nodes(count: number): Promise<Broker[]> {
    assert.ok(this.harness.nodes, 'cases of several nodes run only if the harness can make them');
    const brokers = await this.harness.nodes(this.context({}), count);
    assert.equal(brokers.length, count);
    brokers.forEach((broker) => this.open.add(broker));
    return brokers;
  }

  advance(ms: number): void {
    assert.ok(this.clock instanceof ManualClock, 'only a manual clock can be turned');
    this.clock.advance(ms);
  }

  async close(broker: Broker): Promise<void> {
    this.open.delete(broker);
    await broker.close();
  }

  async end(): Promise<void> {
    await Promise.all([...this.open].map((broker) => this.close(broker)));
    await this.harness.destroy?.();
    const reports = this.reports.splice(0);
    assert.deepEqual(this.mayReport ? [] : reports, [], 'a broker has reported an error');
  }

  private context(history: Partial<HistoryOptions>): BrokerContext {
    return {
      history: { maxEvents: EVERYTHING, maxAgeMs: 600_000, ...history },
      clock: this.clock,
      onError: (error) => this.reports.push(error),
    };
  }
}

/** Subscribes one recorder to all the channels. */
export async function record(broker: Broker, ...channels: string[]): Promise<SinkRecorder> {
  const recorder = new SinkRecorder();
  await Promise.all(channels.map((channel) => broker.subscribe(channel, recorder.sink)));
  return recorder;
}

/** Publishes one text after another, and resolves with the ids. */
export async function publishTexts(broker: Broker, channel: string, ...texts: string[]): Promise<EventId[]> {
  const ids: EventId[] = [];
  for (const data of texts) {
    ids.push(await broker.publish(channel, eventRecord({ data })));
  }
  return ids;
}

export interface WholeReplay {
  readonly events: readonly BrokerEvent[];
  /** The first page, which is the one that tells a gap. */
  readonly first: Replay;
  readonly last: Replay;
}

/** Replays page by page to the present end. */
export async function replayAll(
  broker: Broker,
  channels: readonly string[],
  from: ReplayStart,
  limit = EVERYTHING,
): Promise<WholeReplay> {
  const first = await broker.replay(channels, from, limit);
  const events = [...first.events];
  let last = first;
  while (last.more) {
    const { cursor, seq } = last;
    last = await broker.replay(channels, { after: cursor }, limit);
    assert.ok(last.seq > seq, `a page moves the cursor on, but ${last.cursor} follows ${cursor}`);
    events.push(...last.events);
  }
  return { events, first, last };
}

export async function positionNow(broker: Broker, channel: string): Promise<EventId> {
  return (await broker.replay([channel], 'now', 1)).cursor;
}

export function assertGap(replay: Replay, reason: GapReason, channels: readonly string[]): void {
  assert.equal(replay.complete, false, 'the replay is said to be complete, although events are gone');
  assert.equal(replay.gap?.reason, reason);
  assert.deepEqual([...(replay.gap?.channels ?? [])].toSorted(), [...channels].toSorted());
}

export function assertComplete(replay: Replay): void {
  assert.equal(replay.gap, undefined);
  assert.equal(replay.complete, true);
}

/** Asserts that `seq` rises strictly, and so that nothing is there twice. */
export function assertRising(events: readonly BrokerEvent[]): void {
  for (const [index, event] of events.entries()) {
    const before = events[index - 1];
    assert.ok(
      !before || event.seq > before.seq,
      `seq ${event.seq} (${event.id}) comes after ${before?.seq} (${before?.id})`,
    );
  }
}

export const idsOf = (events: readonly BrokerEvent[]): EventId[] => events.map(({ id }) => id);
export const textsOf = (events: readonly BrokerEvent[]): (string | undefined)[] =>
  events.map(({ data }) => data);
export const newestOf = (events: readonly BrokerEvent[]): BrokerEvent => {
  const newest = events.at(-1);
  assert.ok(newest, 'expected events, but there are none');
  return newest;
};
