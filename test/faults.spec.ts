import { beforeAll, describe, expect, it } from '@jest/globals';
import { faults } from './faults/src/faults.js';
import { type RoundReport, lineOf } from './faults/src/report.js';
import { playRound } from './faults/src/round.js';
import { BUILD_TIMEOUT_MS, buildNodes } from './support/build-nodes.js';
import { SideBySide } from './support/side-by-side.js';

const ROUNDS_TIMEOUT_MS = 480_000;
/** Rounds at once, each with nodes and a Redis of its own: most of one is waiting. */
const AT_ONCE = 2;

/** One round each; `npm run test:faults` has more. */
describe('two nodes over Redis, while 200 events a second are published to 100 clients that come and go', () => {
  const rounds = new SideBySide<string, RoundReport>(AT_ONCE);

  beforeAll(buildNodes, BUILD_TIMEOUT_MS);
  beforeAll(() => rounds.all(faults.map((fault) => [fault.name, () => playRound(fault)])), ROUNDS_TIMEOUT_MS);

  it.each(faults)('lose, double and reorder nothing that no gap has told of: $name', ({ name }) => {
    const { counts, complaints } = rounds.outcome(name);
    process.stderr.write(`${name}: ${lineOf(counts)}\n`);
    expect(complaints).toEqual([]);
    expect(counts).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0 });
    expect(counts.published).toBeGreaterThan(400);
  });
});
