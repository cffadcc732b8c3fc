import { describe, expect, it } from '@jest/globals';
import type { BrokerEvent } from './event.js';
import { Hub } from './hub.js';
import { hubDefaults } from './hub-options.js';
import type { HubObserver } from './hub-observer.js';
import { HandClock } from './spec-support/hand-clock.js';
import { openClient, settled } from './spec-support/hub-fixture.js';

class RecordingObserver implements HubObserver {
  readonly flushes: {
    channel: string;
    data: unknown[];
    traces: unknown[];
    beganAt: number;
    endedAt: number;
  }[] = [];
  private traces = 0;

  publishing: HubObserver['publishing'] = (_channel, record, carry) => {
    this.traces += 1;
    return carry({ ...record, trace: `trace-${this.traces}` });
  };

  flushed(channel: string, events: readonly BrokerEvent[], beganAt: number, endedAt: number): void {
    const data = events.map((event) => event.data);
    this.flushes.push({ channel, data, traces: events.map(({ trace }) => trace), beganAt, endedAt });
  }
}

const onError = (error: unknown): void => {
  throw error;
};

function setUp(channels: Partial<typeof hubDefaults>['channels'] = {}) {
  const observer = new RecordingObserver();
  const clock = new HandClock();
  return { observer, clock, hub: new Hub({ ...hubDefaults, channels }, { clock, onError, observer }) };
}

describe('the observer of a hub', () => {
  it('is told of a flush once a channel, however many connections there are', async () => {
    const { hub, observer, clock } = setUp();
    await openClient(hub, ['a', 'b']);
    await openClient(hub, ['a']);
    await openClient(hub, ['b']);
    await settled();
    await Promise.all(['a', 'a', 'b'].map((name, index) => hub.publish(name, { data: index })));
    await settled();
    const at = clock.now();
    expect(observer.flushes).toEqual([
      { channel: 'a', data: ['0', '1'], traces: ['trace-1', 'trace-2'], beganAt: at, endedAt: at },
      { channel: 'b', data: ['2'], traces: ['trace-3'], beganAt: at, endedAt: at },
    ]);
  });

  it('finds the traces of all items in a batch event', async () => {
    const { hub, observer, clock } = setUp({
      a: { coalesceMs: 0, batch: { maxItems: 2, windowMs: 1_000, type: 'batch' } },
    });
    await openClient(hub, ['a']);
    await settled();
    const published = Promise.all([hub.publish('a', { data: 1 }), hub.publish('a', { data: 2 })]);
    clock.advance(1_000);
    await published;
    await settled();
    expect(observer.flushes.flatMap(({ traces }) => traces).join(' ')).toBe('trace-1 trace-2');
  });
});
