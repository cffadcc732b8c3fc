import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { BrokerEvent } from '../event.js';
import { brokerEvent } from '../spec-support/records.js';
import { ChannelLog } from './channel-log.js';

const UNUSED = { droppedThrough: 0, ended: false };

/** The same, as plainly as it can be said. */
class NaiveLog {
  events: BrokerEvent[] = [];
  droppedThrough = 0;

  constructor(
    private readonly maxEvents: number,
    private readonly maxAgeMs: number,
  ) {}

  append(event: BrokerEvent): void {
    this.events.push(event);
    this.keep((_, index) => index >= this.events.length - this.maxEvents);
    this.expire(event.at);
  }

  expire(now: number): void {
    this.keep(({ at }) => at >= now - this.maxAgeMs);
  }

  private keep(isKept: (event: BrokerEvent, index: number) => boolean): void {
    const kept = this.events.filter(isKept);
    const dropped = this.events.filter((event) => !kept.includes(event));
    this.droppedThrough = dropped.at(-1)?.seq ?? this.droppedThrough;
    this.events = kept;
  }
}

type Step = { readonly kind: 'append' | 'expire' | 'read'; readonly by: number; readonly limit: number };

describe('ChannelLog', () => {
  it('does as an array would (property)', () => {
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom('append', 'append', 'append', 'expire', 'read'),
      by: fc.nat({ max: 8 }),
      limit: fc.integer({ min: 1, max: 50 }),
    });
    const steps = fc.array(step, { maxLength: 300, size: 'max' });
    fc.assert(
      fc.property(fc.nat({ max: 60 }), fc.nat({ max: 200 }), steps, (maxEvents, maxAgeMs, all) => {
        const log = new ChannelLog(maxEvents, maxAgeMs, UNUSED);
        const naive = new NaiveLog(maxEvents, maxAgeMs);
        let seq = 0;
        let now = 0;
        for (const { kind, by, limit } of all) {
          now += by;
          if (kind === 'append') {
            seq += 1 + by;
            log.append(brokerEvent(seq, { at: now }));
            naive.append(brokerEvent(seq, { at: now }));
          } else if (kind === 'expire') {
            log.dropExpired(now);
            naive.expire(now);
          }
          const from = Math.max(0, seq - by * 10);
          expect(log.after(from, limit).map((event) => event.seq)).toEqual(
            naive.events
              .map((event) => event.seq)
              .filter((each) => each > from)
              .slice(0, limit),
          );
          expect([log.size, log.droppedThrough]).toEqual([naive.events.length, naive.droppedThrough]);
        }
      }),
    );
  });

  it('stays right when it compacts itself, over and over', () => {
    const log = new ChannelLog(10, Infinity, UNUSED);
    for (let seq = 1; seq <= 1_000; seq += 1) {
      log.append(brokerEvent(seq));
      const all = log.after(0, 100).map((event) => event.seq);
      expect([all.at(0), all.at(-1), all.length]).toEqual([Math.max(1, seq - 9), seq, Math.min(seq, 10)]);
    }
  });

  it('keeps an event of just its age', () => {
    const log = new ChannelLog(10, 100, UNUSED);
    log.append(brokerEvent(1, { at: 0 }));
    log.dropExpired(100);
    expect(log.size).toBe(1);
    log.dropExpired(101);
    expect([log.size, log.droppedThrough]).toEqual([0, 1]);
  });

  it('goes on from its past', () => {
    const log = new ChannelLog(10, 100, { droppedThrough: 7, ended: true });
    expect([log.size, log.droppedThrough, log.ended]).toEqual([0, 7, true]);
  });

  it('has ended while its newest event is final, also when that is gone', () => {
    const log = new ChannelLog(10, 100, UNUSED);
    log.append(brokerEvent(1, { final: true }));
    log.dropExpired(1_000);
    expect([log.size, log.ended]).toEqual([0, true]);
    log.append(brokerEvent(2, { at: 1_000 }));
    expect(log.ended).toBe(false);
  });
});
