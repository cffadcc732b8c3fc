import { parseCommandLine, usage } from './command-line.js';
import { type RoundReport, lineOf, total } from './report.js';
import { playRound } from './round.js';

/** `npm run test:faults`: each fault so many times, a line a round; exits with 1 if anything went wrong in one. */

const COMPLAINTS_SHOWN = 10;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function show(heading: string, { counts, complaints, tookMs }: RoundReport): void {
  const verdict = complaints.length === 0 ? 'ok' : 'FAILED';
  print(`${heading}: ${verdict}: ${lineOf(counts)}, ${(tookMs / 1_000).toFixed(1)} s`);
  complaints.slice(0, COMPLAINTS_SHOWN).forEach((complaint) => print(`  ${complaint}`));
  if (complaints.length > COMPLAINTS_SHOWN) {
    print(`  and ${complaints.length - COMPLAINTS_SHOWN} more`);
  }
}

async function main(): Promise<void> {
  const { rounds, faults, help } = parseCommandLine(process.argv.slice(2));
  if (help) {
    print(usage);
    return;
  }
  const reports: RoundReport[] = [];
  for (const fault of faults) {
    for (let round = 1; round <= rounds; round += 1) {
      const report = await playRound(fault);
      reports.push(report);
      show(`${fault.name} ${round}/${rounds}`, report);
    }
  }
  for (const { name } of faults) {
    print(`${name} in all: ${lineOf(total(reports.filter(({ fault }) => fault === name)))}`);
  }
  const failed = reports.filter(({ complaints }) => complaints.length > 0).length;
  print(`In all: ${lineOf(total(reports))}`);
  print(`${reports.length - failed} rounds passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
