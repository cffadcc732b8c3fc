import type { PeerName } from '../peers/peers.js';
import { perConnection } from '../results.js';
import type { Run } from '../run.js';
import { OpenStreams } from './closed-loop.js';
import { names } from './names.js';

/** Nestcast beside what it is held against: ratios of neighbours are the least disturbed. */
const peers: PeerName[] = [
  'nest-sse',
  'better-sse',
  'fastify-sse',
  'nchan',
  'raw-naive',
  'raw-shared',
  'nestcast-express',
  'raw-batch',
  'nestcast-fastify',
];

/** One channel, everybody on it: 1 and 20 events of 256 bytes a turn. */
export async function fanOut(run: Run): Promise<void> {
  const { connections, perTurn } = run.scale.fanOut;
  for (const count of connections) {
    await run.alternate(peers, async (peer, round) => {
      const before = await peer.ask.memory();
      const streams = await OpenStreams.open(run, peer, { count });
      // What is resident says nothing in a process that has had as many connections before.
      const { usedBytes } = perConnection(before, await peer.ask.memory(), count);
      for (const events of perTurn) {
        const plan = { perTurn: events, size: 'small' } as const;
        await streams.warmUp({ ...plan, ms: round === 0 ? run.scale.warmUpMs : 0 });
        const figures = await streams.measure({ ...plan, ms: run.scale.measureMs });
        run.add(names.fanOut(count, events), peer, {
          ...figures,
          ...(usedBytes !== undefined && { usedBytes }),
        });
      }
      await streams.close();
    });
  }
}
