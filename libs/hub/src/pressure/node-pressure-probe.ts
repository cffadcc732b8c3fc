import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { resourceLimits } from 'node:worker_threads';
import type { PressureProbe, PressureSample } from './pressure-probe.js';

/** How often the monitor looks at the event loop; milliseconds. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;
const BYTES_PER_MB = 2 ** 20;

/** The figures of this process, or of this worker thread. */
export class NodePressureProbe implements PressureProbe {
  /** Its timer keeps no process alive. */
  private monitor: IntervalHistogram | undefined;
  /** Milliseconds, of a clock that never goes back. */
  private sampledAt = performance.now();
  private readonly heapLimit = oldGenerationLimit();

  sample(): PressureSample {
    const now = performance.now();
    const eventLoopDelayMs = this.monitor ? meanDelayMs(this.monitor, now - this.sampledAt) : 0;
    this.sampledAt = now;
    this.monitor?.reset();
    this.monitor ??= started();
    return { eventLoopDelayMs, heapUsed: oldGenerationUsed(), heapLimit: this.heapLimit };
  }

  close(): void {
    this.monitor?.disable();
    this.monitor = undefined;
  }
}

function started(): IntervalHistogram {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  return monitor;
}

/**
 * How long something waits that becomes due at any moment. The monitor records the whole intervals between its looks, the
 * resolution included. A moment falls into an interval by its length, and waits half of it: E[x²] / (2 E[x]). Unlike the
 * mean of the intervals, in which many short ones hide the one that blocks, and the maximum, which a single pause decides.
 * Where it has recorded nothing all of the time since the last sample is one such interval: the loop has not turned.
 */
function meanDelayMs({ count, mean, stddev }: IntervalHistogram, elapsedMs: number): number {
  const waitMs = count === 0 ? elapsedMs / 2 : (mean * mean + stddev * stddev) / (2 * mean) / NS_PER_MS;
  return Math.max(0, waitMs - RESOLUTION_MS / 2);
}

/** The young generation is left out: it comes and goes, and nothing dies of it. */
function oldGenerationUsed(): number {
  let bytes = 0;
  for (const { space_name: name, space_used_size: used } of getHeapSpaceStatistics()) {
    bytes += name.startsWith('new_') ? 0 : used;
  }
  return bytes;
}

/**
 * V8's `heap_size_limit` has room for the young generation in it, of a fixed size where the old one's is set by hand: by up
 * to 192 MB more than what there is, so that small heaps would die far below their limit.
 */
function oldGenerationLimit(): number {
  const flags = [process.env['NODE_OPTIONS'] ?? '', ...process.execArgv].join(' ');
  const given = [...flags.matchAll(/--max[-_]old[-_]space[-_]size[= ](\d+)/g)].at(-1)?.[1];
  const megabytes = resourceLimits.maxOldGenerationSizeMb ?? Number(given ?? 0);
  return megabytes > 0 ? megabytes * BYTES_PER_MB : getHeapStatistics().heap_size_limit;
}
