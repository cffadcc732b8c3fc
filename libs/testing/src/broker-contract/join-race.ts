import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Broker, BrokerEvent, EventId, ReplayStart } from '@nestcast/hub';
import { eventRecord } from '../event-record.js';
import { assertComplete, assertRising, idsOf, record, replayAll } from './fixture.js';
import type { SinkRecorder } from './sink-recorder.js';

/** What a race does next; a publish or a join begins, and the next step follows at once. */
export type RaceStep =
  | PublishStep
  | JoinStep
  /** Lets what is begun go on by one microtask, or by a turn of the event loop. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'turn' }
  /** Waits until everything begun is done. */
  | { readonly kind: 'settle' };

export interface PublishStep {
  readonly kind: 'publish';
  readonly node: number;
  readonly channel: number;
  readonly ephemeral: boolean;
}

/** Subscribe, then replay: from the start, or after the n-th id known by then. */
export interface JoinStep {
  readonly kind: 'join';
  readonly node: number;
  readonly channels: readonly number[];
  readonly from: 'start' | number;
}

interface Joined {
  readonly channels: readonly string[];
  readonly from: ReplayStart;
  readonly replayed: readonly BrokerEvent[];
  /** Up to where the replay has read: live events up to here are in it. */
  readonly seq: number;
  readonly live: SinkRecorder;
}

/** Publishers and joining readers on the same channels, at once; at the end each reader must have had everything once. */
export class JoinRace {
  private readonly channels: readonly string[];
  private readonly published: EventId[] = [];
  private readonly joined: Joined[] = [];
  private readonly failures: unknown[] = [];
  private inFlight: Promise<void>[] = [];
  private events = 0;

  constructor(
    private readonly nodes: readonly Broker[],
    name: string,
  ) {
    this.channels = ['a', 'b', 'c'].map((channel) => `${name}/${channel}`);
  }

  async play(steps: readonly RaceStep[]): Promise<void> {
    for (const step of steps) {
      if (step.kind === 'publish' || step.kind === 'join') {
        this.begin(step);
      } else {
        await this.wait(step.kind);
      }
    }
    await this.settle();
    const markers = await this.publishMarkers();
    const { events } = await replayAll(this.node(0), this.channels, 'start');
    assertRising(events);
    assert.deepEqual(
      [...idsOf(events)].toSorted(),
      this.published.toSorted(),
      'the log has what publish() resolved with',
    );
    for (const reader of this.joined) {
      await reader.live.seen(
        ...markers.filter(({ channel }) => reader.channels.includes(channel)).map(({ id }) => id),
      );
      assertHadAll(reader, events);
    }
  }

  private wait(kind: 'tick' | 'turn' | 'settle'): Promise<void> {
    switch (kind) {
      case 'tick':
        return Promise.resolve();
      case 'turn':
        return nextTurn();
      case 'settle':
        return this.settle();
    }
  }

  /** Begins what is never awaited before the next `settle`. */
  private begin(step: PublishStep | JoinStep): void {
    const broker = this.node(step.node);
    const work =
      step.kind === 'publish'
        ? this.publish(broker, this.channel(step.channel), step.ephemeral)
        : this.join(
            broker,
            step.channels.map((index) => this.channel(index)),
            step.from,
          );
    this.inFlight.push(work.catch((error: unknown) => void this.failures.push(error)));
  }

  private async publish(broker: Broker, channel: string, ephemeral: boolean): Promise<void> {
    const data = String(this.events++);
    const id = await broker.publish(channel, eventRecord({ data, ephemeral }));
    if (!ephemeral) {
      this.published.push(id);
    }
  }

  private async join(broker: Broker, channels: readonly string[], from: 'start' | number): Promise<void> {
    const known = from === 'start' ? undefined : this.published[from % Math.max(1, this.published.length)];
    const start: ReplayStart = known === undefined ? 'start' : { after: known };
    const live = await record(broker, ...channels);
    const { events, first, last } = await replayAll(broker, channels, start, 3);
    assertComplete(first);
    this.joined.push({ channels, from: start, replayed: events, seq: last.seq, live });
  }

  private async publishMarkers(): Promise<{ channel: string; id: EventId }[]> {
    const markers = await Promise.all(
      this.channels.map(async (channel) => ({
        channel,
        id: await this.node(0).publish(channel, eventRecord()),
      })),
    );
    this.published.push(...markers.map(({ id }) => id));
    return markers;
  }

  private async settle(): Promise<void> {
    await Promise.all(this.inFlight);
    this.inFlight = [];
    if (this.failures.length > 0) {
      throw this.failures[0] instanceof Error ? this.failures[0] : new Error(String(this.failures[0]));
    }
  }

  private channel(index: number): string {
    return this.channels[index % this.channels.length] ?? '';
  }

  private node(index: number): Broker {
    const node = this.nodes[index % this.nodes.length];
    assert.ok(node, 'a race needs a broker');
    return node;
  }
}

function assertHadAll({ channels, from, replayed, seq, live }: Joined, log: readonly BrokerEvent[]): void {
  const numbered = live.events.filter(({ id }) => id !== '');
  const ephemeral = live.events.filter(({ id }) => id === '');
  assertRising(numbered);
  assert.equal(
    new Set(ephemeral.map(({ data }) => data)).size,
    ephemeral.length,
    'an ephemeral event came twice',
  );
  const start = typeof from === 'object' ? log.findIndex(({ id }) => id === from.after) + 1 : 0;
  const expected = log.slice(start).filter(({ channel }) => channels.includes(channel));
  const had = [...replayed, ...numbered.filter((event) => event.seq > seq)];
  assert.deepEqual(
    idsOf(had),
    idsOf(expected),
    `joined ${channels.join(', ')} from ${JSON.stringify(from)}, replayed up to ${seq}`,
  );
}
