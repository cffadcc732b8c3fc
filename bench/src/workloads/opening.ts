import { paths } from '../peers/peer.js';
import type { PeerName } from '../peers/peers.js';
import type { RunningPeer } from '../processes.js';
import type { Run } from '../run.js';
import { names } from './names.js';

const peers: PeerName[] = [
  'raw-naive',
  'nest-sse',
  'nest-bare-express',
  'nest-bare-fastify',
  'better-sse',
  'fastify-sse',
  'nestcast-express',
  'nestcast-fastify',
];

/** Opened and closed this often before, for the compiler's sake. */
const WARM_UPS = 4;

/** Connections opened, 64 at once, until each has its first bytes: CPU time of each. */
export async function opening(run: Run): Promise<void> {
  const { connections, warmUp } = run.scale.opening;
  await run.alternate(peers, async (peer, round) => {
    if (round === 0) {
      for (let i = 0; i < WARM_UPS; i += 1) {
        await open(run, peer, warmUp);
      }
    }
    const began = performance.now();
    const cpuUs = await open(run, peer, connections);
    const seconds = (performance.now() - began) / 1_000;
    run.add(names.opening, peer, { cpuUs: cpuUs / connections, perSecond: connections / seconds });
  });
}

/** @returns the server's CPU time, in microseconds */
async function open(run: Run, peer: RunningPeer, count: number): Promise<number> {
  const before = await peer.ask.cpuUs();
  await run.load.open({ ports: peer.ports, count, path: paths.stream });
  await peer.ask.connections(count);
  const after = await peer.ask.cpuUs();
  await run.load.close();
  await peer.ask.connections(0);
  return after - before;
}
