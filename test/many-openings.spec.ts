import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ChildApp, buildChild } from './support/child-app.js';
import { openAndClose } from './support/churn.js';
import type { Footprint } from './support/footprint.js';
import { adapters } from './support/nest-app.js';

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
const BUILD_TIMEOUT_MS = 120_000;
const TIMEOUT_MS = 300_000;

describe.each(adapters)('many openings on %s', (adapter) => {
  let file: string;
  let child: ChildApp;
  let users = 0;
  beforeAll(async () => {
    file = await buildChild('churned-app');
  }, BUILD_TIMEOUT_MS);
  afterEach(() => child.kill());

  it(
    `${OPENS.toLocaleString('en')} opens and closes leave heap and handles where they were`,
    async () => {
      child = await ChildApp.start(file, [adapter], ['--expose-gc']);
      const before = await openAndCloseMany(WARM_UP);
      const after = await openAndCloseMany(OPENS);

      expect(after).toMatchObject({ connections: 0, channels: 0, sockets: 0, opens: WARM_UP + OPENS });
      expect(after.heapBytes).toBeLessThan(before.heapBytes + UNSTEADY_BYTES);
      expect(after.timers).toBeLessThanOrEqual(before.timers);
      expect(after.tasks).toBeLessThanOrEqual(before.tasks);
    },
    TIMEOUT_MS,
  );

  /** @returns what the process holds when all are gone */
  async function openAndCloseMany(count: number): Promise<Footprint> {
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
