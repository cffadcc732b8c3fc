import type { PeerName } from '../peers/peers.js';
import { perConnection } from '../results.js';
import type { Run } from '../run.js';
import { OpenStreams } from './closed-loop.js';
import { names } from './names.js';

const peers: PeerName[] = [
  'raw-naive',
  'nest-sse',
  'nest-bare-express',
  'nest-bare-fastify',
  'better-sse',
  'fastify-sse',
  'nchan',
  'nestcast-express',
  'nestcast-fastify',
];

/** What a connection costs in memory that only waits. */
export async function idle(run: Run): Promise<void> {
  const { idleConnections, opening } = run.scale;
  await run.alternateAfresh(peers, async (peer) => {
    const first = await OpenStreams.open(run, peer, { count: opening.warmUp });
    await first.close();
    const before = await peer.ask.memory();
    const streams = await OpenStreams.open(run, peer, { count: idleConnections });
    run.add(names.idle, peer, perConnection(before, await peer.ask.memory(), idleConnections));
    await streams.close();
  });
}
