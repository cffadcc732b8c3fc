import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from './faults/src/fault.js';
import type { Mischief } from './faults/src/node/node-protocol.js';
import type { RoundReport } from './faults/src/report.js';
import { playRound } from './faults/src/round.js';
import { BUILD_TIMEOUT_MS, buildNodes } from './support/build-nodes.js';
import { SideBySide } from './support/side-by-side.js';

const ROUNDS_TIMEOUT_MS = 240_000;
/** Rounds at once, each with a node of its own: most of one is waiting. */
const AT_ONCE = 2;
const CLIENTS = 20;

/** Nothing goes wrong but what a node does itself, which has a memory of its own. */
const noFault: Fault = {
  name: 'none',
  prepare: async () => {
    await turn();
    return { broker: { kind: 'memory' }, strike: () => turn(), close: () => turn() };
  },
};

const play = (mischief?: Mischief): Promise<RoundReport> =>
  playRound(noFault, {
    nodes: 1,
    clients: CLIENTS,
    rate: 200,
    leadMs: 1_000,
    tailMs: 500,
    cutEveryMs: 50,
    caughtUpWithinMs: 2_000,
    ...(mischief && { mischief }),
  });

const mischiefs = [
  ['lose', 'lost', /^Lost: \d+ of /],
  ['double', 'doubled', /^Doubled: \d+ of /],
  ['swap', 'outOfOrder', /^Out of order: \d+ of /],
] as const;

/** The harness that counts what comes of a fault, on nodes that do the wrong thing. */
describe('the fault harness', () => {
  const rounds = new SideBySide<Mischief | 'none', RoundReport>(AT_ONCE);

  beforeAll(buildNodes, BUILD_TIMEOUT_MS);
  beforeAll(
    () =>
      rounds.all([
        ['none', () => play()],
        ...mischiefs.map(([mischief]) => [mischief, () => play(mischief)] as const),
      ]),
    ROUNDS_TIMEOUT_MS,
  );

  it('counts each event once a client, over reconnects, where nothing is wrong', () => {
    const { counts, complaints } = rounds.outcome('none');
    expect(complaints).toEqual([]);
    expect(counts).toMatchObject({
      rejected: 0,
      unanswered: 0,
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      gaps: 0,
    });
    expect(counts.published).toBeGreaterThan(250);
    expect(counts.acknowledged).toBe(counts.published);
    expect(counts.delivered).toBeGreaterThan((counts.published / 2) * CLIENTS);
    expect(counts.reconnects).toBeGreaterThan(10);
  });

  it.each(mischiefs)('finds what a node does that has been told to %s', (mischief, count, complaint) => {
    const { counts, complaints } = rounds.outcome(mischief);
    expect(counts[count]).toBeGreaterThan(0);
    expect(complaints).toContainEqual(expect.stringMatching(complaint));
  });
});
