import { describe, expect, it } from '@jest/globals';
import { HandClock } from '../spec-support/hand-clock.js';
import { brokerEvent } from '../spec-support/records.js';
import { type KnownChannel, RecentEvents } from './recent-events.js';

const HISTORY = { maxEvents: 1_000, maxAgeMs: 60_000 };
const NOW = new HandClock().now();
const known = (knownSince: number, ended = false): KnownChannel => ({ knownSince, ended });

function recentEvents(bounds = { maxEvents: 4, maxLength: 100 }, clock = new HandClock()): RecentEvents {
  return new RecentEvents(bounds, HISTORY, clock);
}

function append(recent: RecentEvents, at: number, ...places: readonly [number, string, string?][]): void {
  for (const [seq, channel, data = 'x'] of places) {
    recent.append(brokerEvent(seq, { channel, data, at }));
  }
}

describe('recent events', () => {
  it('tells what a replay would, of the channels asked for', () => {
    const recent = recentEvents();
    append(recent, NOW, [5, 'a'], [6, 'b'], [8, 'c'], [9, 'a']);
    const channels = new Map([
      ['a', known(4)],
      ['c', known(4)],
    ]);
    const page = recent.replay(channels, 'e.4', 4, 2);
    expect(page).toMatchObject({ complete: true, cursor: 'e.8', seq: 8, more: true, ended: false });
    expect(page?.events.map(({ seq }) => seq)).toEqual([5, 8]);
    expect(recent.replay(channels, 'e.8', 8, 2)).toMatchObject({ cursor: 'e.9', more: false });
    expect(recent.replay(channels, 'e.9', 9, 2)).toMatchObject({ events: [], cursor: 'e.9', seq: 9 });
  });

  it('tells nothing where a channel has been listened to for a shorter time', () => {
    const recent = recentEvents();
    append(recent, NOW, [5, 'a'], [6, 'b']);
    const channels = new Map([
      ['a', known(0)],
      ['b', known(5)],
    ]);
    expect(recent.replay(channels, 'e.4', 4, 10)).toBeUndefined();
    expect(recent.replay(channels, 'e.5', 5, 10)?.events).toHaveLength(1);
    expect(recent.replay(new Map([['c', known(Infinity)]]), 'e.9', 9, 10)).toBeUndefined();
  });

  it('leaves a channel that has ended to the log', () => {
    const recent = recentEvents();
    append(recent, NOW, [5, 'a']);
    expect(recent.replay(new Map([['a', known(0, true)]]), 'e.4', 4, 10)).toBeUndefined();
  });

  it.each([
    ['too many', [5, 6, 7, 8, 9].map((seq) => [seq, 'a'] as const), 5],
    ['too long', [[5, 'a', 'x'.repeat(60)] as const, [6, 'a', 'x'.repeat(60)] as const], 5],
    ['out of order', [[5, 'a'] as const, [7, 'a'] as const, [6, 'a'] as const], 6],
  ])('tells nothing from before what it has dropped: %s', (_what, events, lastGone) => {
    const recent = recentEvents();
    append(
      recent,
      NOW,
      ...events.map(([seq, channel, data]) => [seq, channel, data] as [number, string, string?]),
    );
    const channels = new Map([['a', known(0)]]);
    expect(recent.replay(channels, '', lastGone - 1, 10)).toBeUndefined();
    expect(recent.replay(channels, '', lastGone + 1, 10)).toBeDefined();
  });

  it('leaves to the log what was mixed up, also when it has dropped some of it', () => {
    const recent = recentEvents();
    append(recent, NOW, ...[5, 7, 6, 8, 9, 10, 11].map((seq) => [seq, 'a'] as [number, string]));
    const channels = new Map([['a', known(0)]]);
    expect(recent.replay(channels, 'e.6', 6, 10)).toBeUndefined();
    expect(recent.replay(channels, 'e.8', 8, 10)?.events.map(({ seq }) => seq)).toEqual([9, 10, 11]);
  });

  it('keeps nothing that is older than the history keeps', () => {
    const clock = new HandClock();
    const recent = recentEvents(undefined, clock);
    append(recent, clock.now(), [5, 'a']);
    const channels = new Map([['a', known(0)]]);
    clock.advance(HISTORY.maxAgeMs);
    expect(recent.replay(channels, 'e.4', 4, 10)?.events).toHaveLength(1);
    clock.advance(1);
    expect(recent.replay(channels, 'e.4', 4, 10)).toBeUndefined();
  });

  it('never keeps more than the history has', () => {
    const recent = new RecentEvents(
      { maxEvents: 10, maxLength: 100 },
      { maxEvents: 1, maxAgeMs: 60_000 },
      new HandClock(),
    );
    append(recent, NOW, [5, 'a'], [6, 'a']);
    const channels = new Map([['a', known(0)]]);
    expect(recent.replay(channels, 'e.4', 4, 10)).toBeUndefined();
    expect(recent.replay(channels, 'e.5', 5, 10)?.events).toHaveLength(1);
  });
});
