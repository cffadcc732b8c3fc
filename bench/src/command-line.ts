import { parseArgs } from 'node:util';

import { type PeerName, peerNames } from './peers/peers.js';
import type { ScaleName } from './scale.js';
import { type WorkloadName, workloadNames } from './workloads/workloads.js';

export interface CommandLine {
  readonly scale: ScaleName;
  readonly only: readonly WorkloadName[];
  /** `undefined`: all. */
  readonly peers: readonly PeerName[] | undefined;
  /** `undefined`: as many as the scale has. */
  readonly rounds: number | undefined;
  readonly json: string | undefined;
  readonly profile: boolean;
  readonly docs: boolean;
  readonly help: boolean;
}

export const usage = `npm run bench -- [flags]

  --quick             smaller sizes and shorter rounds: about 4 minutes instead of 20
  --smoke             tiny sizes, everything once: whether it works, not how fast
  --only <a,b>        only these workloads: ${workloadNames.join(', ')}
  --peers <a,b>       only these peers: ${peerNames.join(', ')}
  --rounds <n>        alternating rounds (default 3)
  --json <file>       where the results go (default bench/results.json)
  --profile           CPU profiles of Nestcast's processes, into a folder that is printed
  --docs              writes docs/performance.md's tables and docs/performance.svg
`;

/** @throws TypeError for what is no flag, workload or peer */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      only: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new TypeError(`--rounds ${values.rounds}: a whole number above 0`);
  }
  return {
    scale: values.smoke ? 'smoke' : values.quick ? 'quick' : 'full',
    only: oneOf(values.only, workloadNames, '--only') ?? workloadNames,
    peers: oneOf(values.peers, peerNames, '--peers'),
    rounds,
    json: values.json,
    profile: values.profile,
    docs: values.docs,
    help: values.help,
  };
}

function oneOf<T extends string>(
  list: string | undefined,
  names: readonly T[],
  flag: string,
): T[] | undefined {
  return list?.split(',').map((given) => {
    const name = names.find((candidate) => candidate === given);
    if (name === undefined) {
      throw new TypeError(`${flag} ${given}: one of ${names.join(', ')}`);
    }
    return name;
  });
}
