/**
 * The specs that run one after the other, with no other beside them, as globs: they hold what passes against a clock, count on
 * something to happen in so many milliseconds, or keep two cores busy themselves. Every other one shares the machine, and must
 * pass on a busy one.
 */
export const alone = [
  'libs/hub/src/pressure/node-pressure-probe.spec.ts',
  'libs/redis/src/connection/ioredis-port.spec.ts',
  'libs/redis/src/connection/silence.spec.ts',
  'libs/redis/src/leases/*.spec.ts',
  'test/canary.spec.ts',
  'test/chromium-stream.spec.ts',
  'test/drain.spec.ts',
  'test/expiry.spec.ts',
  'test/faults.spec.ts',
  'test/health.spec.ts',
  'test/interceptors.spec.ts',
  'test/metrics.spec.ts',
  'test/mute-store.spec.ts',
  'test/nodes.spec.ts',
  'test/pressure.spec.ts',
  'test/redis-limits.spec.ts',
  'test/redis-outage.spec.ts',
  'test/revocation.spec.ts',
  'test/sample-kills.spec.ts',
  'test/sample-nodes.spec.ts',
  'test/sample-operations.spec.ts',
  'test/sample-shutdown.spec.ts',
  'test/shutdown.spec.ts',
  'test/stalled-clients.spec.ts',
];
