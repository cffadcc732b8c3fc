import type { PeerName } from '../peers/peers.js';
import type { Run } from '../run.js';
import { type LoopPlan, OpenStreams } from './closed-loop.js';
import { names } from './names.js';

const peers: PeerName[] = ['nestcast-express', 'nestcast-redis', 'nestcast-cluster'];

/**
 * As many connections a node, on one node with its log in memory, on two over Redis, and on two in a cluster: CPU time of the nodes
 * alone.
 */
export async function redisFanOut(run: Run): Promise<void> {
  const { connections } = run.scale.redis;
  await run.alternate(peers, async (peer, round) => {
    const plan: Omit<LoopPlan, 'ms'> = { perTurn: 20, size: 'small' };
    const streams = await OpenStreams.open(run, peer, { count: connections * peer.ports.length });
    await streams.warmUp({ ...plan, ms: round === 0 ? run.scale.warmUpMs : 0 });
    run.add(
      names.redisFanOut(connections),
      peer,
      await streams.measure({ ...plan, ms: run.scale.measureMs }),
    );
    await streams.close();
  });
}
