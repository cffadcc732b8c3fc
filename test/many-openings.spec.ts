import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChildApp, buildChild } from './support/child-app.js';
import { openAndClose } from './support/churn.js';
import type { Footprint } from './support/footprint.js';
import { type Adapter, adapters } from './support/nest-app.js';

const SOCKETS_AT_ONCE = 50;
/** Streams of one socket: one that ends by itself and one that is cut off. */
const STREAMS_AT_ONCE = SOCKETS_AT_ONCE * 2;
const WARM_UP = 10_000;
const OPENS = Number(process.env['OPENINGS'] ?? 30_000);
/**
 * What a process gains and loses by itself. Of 30,000 openings it is 33 bytes each, less than an entry of a set with its key; of
 * 100,000 (`npm run test:openings`) ten, less than anything that could be kept of one.
 */
const UNSTEADY_BYTES = 1_000_000;
const TIMEOUT_MS = 300_000;

describe('many openings', () => {
  const children: ChildApp[] = [];
  const measured = new Map<Adapter, Promise<{ before: Footprint; after: Footprint }>>();
  let users = 0;

  // Both adapters at once: each is a process of its own, and alone it leaves half of a machine idle.
  beforeAll(async () => {
    const file = await buildChild('churned-app');
    adapters.forEach((adapter) => measured.set(adapter, measure(file, adapter)));
    await Promise.allSettled(measured.values());
  }, TIMEOUT_MS);
  afterAll(() => children.forEach((child) => child.kill()));

  it.each(adapters)(
    `on %s: ${OPENS.toLocaleString('en')} opens and closes leave heap and handles where they were`,
    async (adapter) => {
      const { before, after } = (await measured.get(adapter)) ?? {};
      expect(after).toMatchObject({ connections: 0, channels: 0, sockets: 0, opens: WARM_UP + OPENS });
      expect(after?.heapBytes).toBeLessThan((before?.heapBytes ?? 0) + UNSTEADY_BYTES);
      expect(after?.timers).toBeLessThanOrEqual(before?.timers ?? 0);
      expect(after?.tasks).toBeLessThanOrEqual(before?.tasks ?? 0);
    },
  );

  async function measure(file: string, adapter: Adapter): Promise<{ before: Footprint; after: Footprint }> {
    const child = await ChildApp.start(file, [adapter], ['--expose-gc']);
    children.push(child);
    const before = await openAndCloseMany(child, WARM_UP);
    return { before, after: await openAndCloseMany(child, OPENS) };
  }

  /** @returns what the process holds when all are gone */
  async function openAndCloseMany(child: ChildApp, count: number): Promise<Footprint> {
    const port = Number(new URL(child.url).port);
    for (let done = 0; done < count; done += STREAMS_AT_ONCE) {
      const sockets = Array.from({ length: SOCKETS_AT_ONCE }, () => {
        users += 2;
        return openAndClose({ port, ending: [`/ending/${users - 1}`], open: `/open/${users}` });
      });
      await Promise.all(sockets);
    }
    let held = await child.ask<Footprint>('footprint');
    while (held.connections > 0 || held.sockets > 0) {
      held = await child.ask<Footprint>('footprint');
    }
    return held;
  }
});
