import { beforeAll, describe, expect, it } from '@jest/globals';
import { faults } from './faults/src/faults.js';
import { lineOf } from './faults/src/report.js';
import { playRound } from './faults/src/round.js';
import { BUILD_TIMEOUT_MS, buildNodes } from './support/build-nodes.js';

const ROUND_TIMEOUT_MS = 120_000;

/** One round each; `npm run test:faults` has more. */
describe('two nodes over Redis, while 200 events a second are published to 100 clients that come and go', () => {
  beforeAll(buildNodes, BUILD_TIMEOUT_MS);

  it.each(faults)(
    'lose, double and reorder nothing that no gap has told of: $name',
    async (fault) => {
      const { counts, complaints } = await playRound(fault);
      process.stderr.write(`${fault.name}: ${lineOf(counts)}\n`);
      expect(complaints).toEqual([]);
      expect(counts).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0 });
      expect(counts.published).toBeGreaterThan(400);
    },
    ROUND_TIMEOUT_MS,
  );
});
