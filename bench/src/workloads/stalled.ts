import type { PeerName } from '../peers/peers.js';
import type { RunningPeer } from '../processes.js';
import type { Figures } from '../results.js';
import type { Run } from '../run.js';
import { type LoopPlan, OpenStreams } from './closed-loop.js';
import { names } from './names.js';

const peers: PeerName[] = ['raw-batch', 'nestcast-express', 'nestcast-fastify'];
/** Every tenth connection stops to read. */
const EVERY = 10;
const plan: LoopPlan = { perTurn: 16, size: 'large', ms: 0 };
const EVENT_BYTES = 1_024;
/** What Nestcast's log keeps of a channel by default. */
const LOG_EVENTS = 1_000;

/**
 * 1 KB events, 16 a turn, to readers of which none or every tenth has stopped to read: what waits for these, whether the
 * others notice, and what they get when they read again.
 */
export async function stalled(run: Run): Promise<void> {
  await run.alternateAfresh(
    peers,
    async (peer) => run.add(names.unstalled, peer, await publishAll(run, peer, false)),
    async (peer) => run.add(names.stalled, peer, await publishAll(run, peer, true)),
  );
}

async function publishAll(run: Run, peer: RunningPeer, stall: boolean): Promise<Figures> {
  const { connections, megabytes } = run.scale.stalled;
  const streams = await OpenStreams.open(run, peer, { count: connections });
  const { resident } = await peer.ask.memory();
  const reading = connections - (stall ? await run.load.stall(EVERY) : 0);
  const turns = Math.ceil((megabytes * 2 ** 20) / EVENT_BYTES / plan.perTurn);
  const figures = await streams.measured(async () => {
    for (let turn = 0; turn < turns; turn += 1) {
      await streams.turn(plan);
    }
    return turns * plan.perTurn * reading;
  });
  const peakMegabytes = ((await peer.ask.peakResident()) - resident) / 2 ** 20;
  if (stall) {
    await resume(run, peer, streams.last);
  }
  await streams.close();
  return { ...figures, peakMegabytes };
}

/** @throws Error if a reader that comes back misses what the log still has, or isn't told what it has missed */
async function resume(run: Run, peer: RunningPeer, last: number): Promise<void> {
  const readers = await run.load.resume(last);
  const oldest = last - LOG_EVENTS + 1;
  const cheated = readers.find(({ gaps, resumedAt }) => gaps > 0 && resumedAt > oldest);
  if (cheated) {
    throw new Error(
      `${peer.name}: a reader that came back was sent events from ${cheated.resumedAt} on, and the log has them from ${oldest}`,
    );
  }
  const gaps = readers.filter((reader) => reader.gaps > 0).length;
  run.results.verified(
    `${peer.name}: ${readers.length} stalled readers got all that was still there, in order; ${gaps} of them were told a gap`,
  );
}
