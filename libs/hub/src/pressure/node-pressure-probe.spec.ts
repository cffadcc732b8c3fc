import { createHook } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { NodePressureProbe } from './node-pressure-probe.js';

/** Holds the event loop. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("the process's own figures", () => {
  it('tell how long what is due waits', async () => {
    const probe = new NodePressureProbe();
    probe.sample();
    for (let round = 0; round < 5; round += 1) {
      block(100);
      await delay(1);
    }
    const { eventLoopDelayMs } = probe.sample();
    probe.close();
    // Half of 100 ms, without the 10 that the monitor itself waits.
    expect(eventLoopDelayMs).toBeGreaterThanOrEqual(35);
    expect(eventLoopDelayMs).toBeLessThan(400);
  });

  it('tell of no wait where the event loop is idle', async () => {
    const probe = new NodePressureProbe();
    probe.sample();
    const delays: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await delay(100);
      delays.push(probe.sample().eventLoopDelayMs);
    }
    probe.close();
    // Others may have the processor for some of the time.
    expect(Math.min(...delays)).toBeLessThan(5);
  });

  it('begin anew with every sample', async () => {
    const probe = new NodePressureProbe();
    probe.sample();
    await delay(50);
    block(1_000);
    await delay(50);
    const late = probe.sample().eventLoopDelayMs;
    await delay(200);
    const { eventLoopDelayMs } = probe.sample();
    probe.close();
    expect(late).toBeGreaterThan(300);
    expect(eventLoopDelayMs).toBeLessThan(late / 2);
  });

  it('take a loop that has not turned since the last sample for what it is', () => {
    const probe = new NodePressureProbe();
    probe.sample();
    block(200);
    const { eventLoopDelayMs } = probe.sample();
    probe.close();
    expect(eventLoopDelayMs).toBeGreaterThanOrEqual(80);
  });

  it('tell how much of the heap is in use', () => {
    const probe = new NodePressureProbe();
    // Longer ones would be kept outside the heap.
    const size = 256 * 1024;
    const held = Array.from({ length: 256 }, (_, index) => Buffer.alloc(size, index).toString('latin1'));
    const { heapUsed, heapLimit } = probe.sample();
    probe.close();
    // The newest few are young still.
    expect(heapUsed).toBeGreaterThan(0.75 * held.length * size);
    expect(heapUsed).toBeLessThan(heapLimit);
    expect(heapLimit).toBeLessThanOrEqual(getHeapStatistics().heap_size_limit);
  });

  it('cost one handle, however often they are asked for, which keeps no process alive', () => {
    const handles = new Set<number>();
    const hook = createHook({
      init: (id, type) => void (type === 'ELDHISTOGRAM' && handles.add(id)),
    }).enable();
    const probe = new NodePressureProbe();
    probe.sample();
    probe.sample();
    hook.disable();
    expect(handles.size).toBe(1);
    expect(process.getActiveResourcesInfo()).not.toContain('ELDHISTOGRAM');
    probe.close();
  });
});
