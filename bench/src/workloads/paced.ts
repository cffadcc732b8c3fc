import type { PeerName } from '../peers/peers.js';
import type { Run } from '../run.js';
import { OpenStreams } from './closed-loop.js';
import { names } from './names.js';

const peers: PeerName[] = [
  'raw-naive',
  'raw-shared',
  'nest-sse',
  'better-sse',
  'fastify-sse',
  'nchan',
  'nestcast-express',
  'nestcast-fastify',
];

/** 10 events a second to everybody: how late they are. */
export async function paced(run: Run): Promise<void> {
  const { connections, seconds } = run.scale.paced;
  await run.alternate(peers, async (peer, round) => {
    const streams = await OpenStreams.open(run, peer, { count: connections });
    await streams.warmUp({ perTurn: 1, size: 'small', ms: round === 0 ? run.scale.warmUpMs : 0 });
    run.add(names.paced, peer, await streams.measurePaced(seconds));
    await streams.close();
  });
}
