import { answer } from '../remote.js';
import type { LatencySummary } from './latencies.js';
import { type OpenPlan, Streams } from './streams.js';

let streams = new Streams();
let bytesBefore = 0;

function bytesOnTheWire(): number {
  return streams.readers.reduce((sum, reader) => sum + reader.bytes, 0);
}

/** What the load process can be asked for. */
const api = {
  async open(plan: OpenPlan): Promise<void> {
    await streams.open(plan);
    await api.settle();
  },

  /** What was still on its way when the last connection was open counts as part of the opening. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    streams.mark();
  },

  until: (target: number): Promise<void> => streams.until(target),

  /** Begins to measure latencies and bytes. */
  reset(): void {
    streams.latencies.clear();
    bytesBefore = bytesOnTheWire();
  },

  /** Since the last reset; bytes of all connections. */
  async measured(): Promise<{ latency: LatencySummary; bytes: number }> {
    await streams.verify();
    return { latency: streams.latencies.summary(), bytes: bytesOnTheWire() - bytesBefore };
  },

  stall: (everyNth: number): number => streams.stall(everyNth),

  /** What each of the stalled has got once it has read all. */
  async resume(last: number): Promise<{ gaps: number; resumedAt: number }[]> {
    const stalled = await streams.resume(last);
    return stalled.map(({ gaps, resumedAt }) => ({ gaps, resumedAt }));
  },

  close(): void {
    streams.close();
    streams = new Streams();
  },
};

export type LoadApi = typeof api;

answer(api);
