import { describe, expect, it } from '@jest/globals';
import { hubDefaults, type PressureOptions } from '../hub-options.js';
import { caught } from '../spec-support/caught.js';
import { HandClock } from '../spec-support/hand-clock.js';
import { HandProbe } from '../spec-support/hand-probe.js';
import { Pressure } from './pressure.js';

const SAMPLE_MS = 1_000;

function setUp(options: Partial<PressureOptions> = {}, shedShare = (): number => 0) {
  const clock = new HandClock();
  const probe = new HandProbe();
  const given: PressureOptions = { ...hubDefaults.pressure, sampleMs: SAMPLE_MS, ...options };
  const pressure = new Pressure(given, clock, probe, shedShare);
  return { clock, probe, pressure };
}

describe('pressure', () => {
  it('begins at the mark of the heap, and is over a tenth below it', () => {
    const { clock, probe, pressure } = setUp({ heapUsedRatio: 0.8 });
    pressure.watch(true);
    const under = [799, 800, 799, 721, 719, 799, 800].map((heapUsed) => {
      probe.heapUsed = heapUsed;
      clock.advance(SAMPLE_MS);
      return pressure.figures.under;
    });
    expect(under).toEqual([false, true, true, true, false, false, true]);
    expect(pressure.figures.heapUsedRatio).toBe(0.8);
  });

  it('begins when the event loop is late in two samples, and is over when one is good', () => {
    const { clock, probe, pressure } = setUp({ eventLoopDelayMs: 500 });
    pressure.watch(true);
    const figures = [4_000, 0, 4_000, 600, 470, 460, 449, 600].map((delayMs) => {
      probe.delayMs = delayMs;
      clock.advance(SAMPLE_MS);
      return [pressure.figures.eventLoopDelayMs, pressure.figures.under];
    });
    expect(figures).toEqual([
      [0, false],
      [0, false],
      [0, false],
      [600, true],
      [470, true],
      [460, true],
      [449, false],
      [449, false],
    ]);
  });

  it('lasts until every figure is below its mark', () => {
    const { clock, probe, pressure } = setUp();
    pressure.watch(true);
    probe.heapUsed = 950;
    probe.delayMs = 900;
    clock.advance(2 * SAMPLE_MS);
    probe.heapUsed = 100;
    clock.advance(SAMPLE_MS);
    expect(pressure.figures.under).toBe(true);
    probe.delayMs = 0;
    clock.advance(SAMPLE_MS);
    expect(pressure.figures.under).toBe(false);
  });

  it('refuses while it lasts, and counts', async () => {
    const { clock, probe, pressure } = setUp();
    pressure.watch(true);
    pressure.assertRoom();
    probe.heapUsed = 950;
    clock.advance(SAMPLE_MS);
    const error = await caught(() => pressure.assertRoom());
    expect([error.code, error.message]).toEqual([
      'UNDER_PRESSURE',
      'The node has as much to do as it can take; come back in a moment.',
    ]);
    probe.heapUsed = 100;
    clock.advance(SAMPLE_MS);
    pressure.assertRoom();
  });

  it('sheds with every sample while it lasts, and counts', () => {
    let calls = 0;
    const { clock, probe, pressure } = setUp({}, () => (calls += 1));
    pressure.watch(true);
    clock.advance(3 * SAMPLE_MS);
    expect(calls).toBe(0);
    probe.heapUsed = 950;
    clock.advance(3 * SAMPLE_MS);
    expect([calls, pressure.figures.shed]).toEqual([3, 6]);
    probe.heapUsed = 100;
    clock.advance(3 * SAMPLE_MS);
    expect(calls).toBe(3);
  });

  it('takes samples by itself only while it is needed', () => {
    const { clock, probe, pressure } = setUp();
    expect([clock.pending, probe.samples]).toEqual([0, 0]);
    pressure.watch(true);
    expect([clock.pending, probe.samples]).toEqual([1, 1]);
    clock.advance(5 * SAMPLE_MS);
    expect([clock.pending, probe.samples]).toEqual([1, 6]);
    pressure.watch(false);
    clock.advance(5 * SAMPLE_MS);
    expect([clock.pending, probe.samples]).toEqual([0, 6]);
  });

  it('is looked at by who asks, where the last sample is too old', async () => {
    const { clock, probe, pressure } = setUp();
    pressure.assertRoom();
    probe.heapUsed = 950;
    clock.advance(SAMPLE_MS - 1);
    pressure.assertRoom();
    clock.advance(1);
    expect((await caught(() => pressure.assertRoom())).code).toBe('UNDER_PRESSURE');
    probe.heapUsed = 100;
    expect(pressure.figures.under).toBe(true);
    clock.advance(SAMPLE_MS);
    expect(pressure.figures.under).toBe(false);
    expect(probe.samples).toBe(3);
  });

  it('is not looked at by who asks while a sample is due: a late loop would have two in one pause', () => {
    const { clock, probe, pressure } = setUp();
    // Its task is as late as everything else.
    clock.schedule = () => () => undefined;
    pressure.watch(true);
    clock.advance(5 * SAMPLE_MS);
    pressure.assertRoom();
    expect([pressure.figures.under, probe.samples]).toEqual([false, 1]);
  });

  it('takes no more samples when one sheds the last connection', () => {
    const all: { end?: () => void } = {};
    const { clock, probe, pressure } = setUp({}, () => {
      all.end?.();
      return 1;
    });
    all.end = () => pressure.watch(false);
    pressure.watch(true);
    probe.heapUsed = 950;
    clock.advance(SAMPLE_MS);
    expect([clock.pending, pressure.figures.shed]).toEqual([0, 1]);
  });

  const bad = { eventLoopDelayMs: 9_000, heapUsed: 1_000, heapLimit: 1_000 };
  it.each([
    ['the heap', { heapUsedRatio: 0 }, { ...bad, eventLoopDelayMs: 0 }],
    ['the event loop', { eventLoopDelayMs: 0 }, { ...bad, heapUsed: 0 }],
  ])('without a mark for %s minds the other alone', (_, options, unminded) => {
    const { clock, probe, pressure } = setUp(options);
    pressure.watch(true);
    probe.now = unminded;
    clock.advance(2 * SAMPLE_MS);
    expect(pressure.figures.under).toBe(false);
    probe.now = bad;
    clock.advance(2 * SAMPLE_MS);
    expect(pressure.figures.under).toBe(true);
  });

  it('without any mark takes no samples by itself and refuses nobody, but has its figures', () => {
    const { clock, probe, pressure } = setUp({ eventLoopDelayMs: 0, heapUsedRatio: 0 });
    probe.heapUsed = 1_000;
    pressure.watch(true);
    pressure.assertRoom();
    expect([clock.pending, probe.samples]).toEqual([0, 0]);
    expect(pressure.figures).toEqual({
      eventLoopDelayMs: 0,
      heapUsedRatio: 1,
      under: false,
      shed: 0,
    });
  });

  it('leaves nothing when it is closed, and its last figures', () => {
    const { clock, probe, pressure } = setUp();
    pressure.watch(true);
    pressure.close();
    pressure.watch(true);
    clock.advance(SAMPLE_MS);
    expect(pressure.figures.heapUsedRatio).toBe(0.1);
    expect([clock.pending, probe.samples, probe.closed]).toEqual([0, 1, true]);
  });
});
