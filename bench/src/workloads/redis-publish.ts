import type { PeerName } from '../peers/peers.js';
import type { Run } from '../run.js';
import { names } from './names.js';

const peers: PeerName[] = ['nestcast-redis', 'redis-bare'];

/** Events that nobody listens to, published by one node: how many a second are in the log, and what they cost the node. */
export async function redisPublish(run: Run): Promise<void> {
  const { publishes, atOnce } = run.scale.redis;
  await run.alternate(peers, async ({ name, ask }, round) => {
    if (round === 0) {
      await ask.publishMany({ count: publishes / 2, atOnce });
    }
    const cpuBefore = await ask.cpuUs();
    const began = performance.now();
    await ask.publishMany({ count: publishes, atOnce });
    const seconds = (performance.now() - began) / 1_000;
    const cpuUs = ((await ask.cpuUs()) - cpuBefore) / publishes;
    run.add(names.redisPublish, { name }, { perSecond: publishes / seconds, cpuUs });
  });
}
