import { paths } from '../peers/peer.js';
import type { PeerName } from '../peers/peers.js';
import type { RunningPeer } from '../processes.js';
import { perConnection } from '../results.js';
import type { Run } from '../run.js';
import { OpenStreams, type StreamsPlan } from './closed-loop.js';
import { names } from './names.js';

const peers: PeerName[] = ['raw-shared', 'raw-gzip', 'nestcast-express', 'nestcast-fastify'];

/** 1 KB events to everybody: uncompressed, compressed once for all, compressed for each. */
export async function compression(run: Run): Promise<void> {
  await run.alternate(peers, async (peer) => {
    if (peer.name !== 'raw-gzip') {
      await measure(run, peer, names.plain, { count: run.scale.gzipConnections });
    }
    if (peer.name !== 'raw-shared') {
      await measure(run, peer, names.gzip, {
        count: run.scale.gzipConnections,
        path: paths.gzip,
        gzip: true,
      });
    }
  });
}

async function measure(run: Run, peer: RunningPeer, name: string, plan: StreamsPlan): Promise<void> {
  const loop = { perTurn: 1, size: 'large' } as const;
  // What the process keeps for good from the first time on is no connection's.
  const first = await OpenStreams.open(run, peer, plan);
  await first.warmUp({ ...loop, ms: run.scale.warmUpMs });
  await first.close();
  const before = await peer.ask.memory();
  const streams = await OpenStreams.open(run, peer, plan);
  // One event only: what a channel's log grows by later is no connection's.
  await streams.warmUp({ ...loop, ms: 1 });
  const memory = perConnection(before, await peer.ask.memory(), plan.count);
  const figures = await streams.measure({ ...loop, ms: run.scale.measureMs });
  run.add(name, peer, { ...figures, ...memory });
  await streams.close();
}
