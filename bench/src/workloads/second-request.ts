import { Ping } from '../load/ping.js';
import type { PeerName } from '../peers/peers.js';
import type { RunningPeer } from '../processes.js';
import type { Run } from '../run.js';
import { OpenStreams } from './closed-loop.js';
import { names } from './names.js';

const peers: PeerName[] = ['raw-shared', 'nest-sse', 'nchan', 'nestcast-express', 'nestcast-fastify'];

/** How long any other request waits while everybody is written to 10 times a second, and while nobody is. */
export async function secondRequest(run: Run): Promise<void> {
  const { connections, seconds } = run.scale.ping;
  await run.alternate(peers, async (peer, round) => {
    const streams = await OpenStreams.open(run, peer, { count: connections });
    await streams.warmUp({ perTurn: 1, size: 'small', ms: round === 0 ? run.scale.warmUpMs : 0 });
    const idle = await pinged(peer, () => new Promise((resolve) => setTimeout(resolve, seconds * 1_000)));
    const busy = await pinged(peer, () => streams.measurePaced(seconds));
    run.add(names.ping, peer, {
      p50Ms: busy.p50,
      p99Ms: busy.p99,
      maxMs: busy.max,
      idleP99Ms: idle.p99,
      addedP99Ms: busy.p99 - idle.p99,
    });
    await streams.close();
  });
}

/** Asked by this process, which comes before the load on its core. */
async function pinged(peer: RunningPeer, work: () => Promise<unknown>): Promise<ReturnType<Ping['end']>> {
  const ping = await Ping.begin(peer.ports[0]);
  await work();
  return ping.end();
}
