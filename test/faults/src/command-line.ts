import { parseArgs } from 'node:util';
import type { Fault } from './fault.js';
import { faults } from './faults.js';

export interface CommandLine {
  readonly rounds: number;
  readonly faults: readonly Fault[];
  readonly help: boolean;
}

export const usage = `npm run test:faults -- [flags]

  --rounds <n>     how often each fault (default 20)
  --only <a,b>     only these: ${faults.map(({ name }) => name).join(', ')}
`;

/** @throws TypeError for what is no flag, no count or no fault */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '20' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new TypeError(`--rounds ${values.rounds}: a whole number above 0`);
  }
  return { rounds, faults: values.only === undefined ? faults : chosen(values.only), help: values.help };
}

function chosen(list: string): Fault[] {
  return list.split(',').map((given) => {
    const fault = faults.find(({ name }) => name === given);
    if (!fault) {
      throw new TypeError(`--only ${given}: one of ${faults.map(({ name }) => name).join(', ')}`);
    }
    return fault;
  });
}
