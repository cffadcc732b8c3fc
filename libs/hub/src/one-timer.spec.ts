import { createHook } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { Hub } from './hub.js';
import { type HubOptions, type OpenOptions, hubDefaults } from './hub-options.js';
import { settled } from './spec-support/hub-fixture.js';
import { MemoryTransport } from './spec-support/memory-transport.js';
import { TimerWheel } from './timer-wheel.js';

/** Counts Node's own timers that are alive, but for those of the test runner, from its making until it is ended. */
function countTimers(): { readonly alive: () => number; readonly end: () => void } {
  const alive = new Set<number>();
  const hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout' && !new Error('made here').stack?.includes('@jest')) {
        alive.add(id);
      }
    },
    destroy: (id) => void alive.delete(id),
  }).enable();
  return { alive: () => alive.size, end: () => hook.disable() };
}

/** How long a busy machine may take with so many. */
const LONG_TEST_MS = 30_000;

describe('10,000 idle connections', () => {
  it(
    'cost one timer of Node’s, with heartbeats, ages and ends of their own, and none when they are gone',
    async () => {
      const wheel = new TimerWheel();
      const options: HubOptions = { ...hubDefaults, compression: undefined };
      const hub = new Hub(options, { clock: wheel, onError: (error) => expect(error).toBeUndefined() });
      const open: OpenOptions & { coding: 'identity' } = {
        ...options,
        coding: 'identity',
        negotiated: false,
      };
      const timers = countTimers();
      for (let n = 0; n < 10_000; n += 1) {
        const connection = hub.connect({
          userId: undefined,
          ip: undefined,
          lastEventId: undefined,
          transport: new MemoryTransport(),
        });
        await hub.openChannels(connection, [hub.channel(`user/${n}`)], open);
        connection.expireAt(wheel.now() + 1_000_000 + n);
      }
      await settled();
      // A task each, and one that looks at the pressure.
      expect([hub.stats().connections, wheel.pending, timers.alive()]).toEqual([10_000, 10_001, 1]);
      await hub.close();
      await settled();
      expect([hub.stats().connections, wheel.pending, timers.alive()]).toEqual([0, 0, 0]);
      timers.end();
    },
    LONG_TEST_MS,
  );
});
