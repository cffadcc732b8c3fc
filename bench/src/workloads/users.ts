import { paths } from '../peers/peer.js';
import type { PeerName } from '../peers/peers.js';
import type { Run } from '../run.js';
import { OpenStreams } from './closed-loop.js';
import { names } from './names.js';

const peers: PeerName[] = [
  'raw-naive',
  'nest-sse',
  'better-sse',
  'fastify-sse',
  'nchan',
  'nestcast-express',
  'nestcast-fastify',
];

/** A channel for each user, with one connection and an event of its own; 100 users a turn of the event loop. */
export async function users(run: Run): Promise<void> {
  await run.alternate(peers, async (peer, round) => {
    const streams = await OpenStreams.open(run, peer, { count: run.scale.users, path: paths.user });
    if (round === 0) {
      await streams.measureUsers(run.scale.warmUpMs);
    }
    run.add(names.users, peer, await streams.measureUsers(run.scale.measureMs));
    await streams.close();
  });
}
