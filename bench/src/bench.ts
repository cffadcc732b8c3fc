import { mkdtempSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type CommandLine, parseCommandLine, usage } from './command-line.js';
import { writeDocs } from './docs.js';
import { findNchan } from './peers/nchan.js';
import { findCores, pinSelf } from './processes.js';
import { type Report, report } from './report.js';
import { Results } from './results.js';
import { Run } from './run.js';
import { scales } from './scale.js';
import { barTable, workloadTable } from './table.js';
import { workloads } from './workloads/workloads.js';

const DEFAULT_JSON = fileURLToPath(new URL('../results.json', import.meta.url));

async function main(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.help) {
    process.stdout.write(usage);
    return;
  }
  const results = new Results();
  const written = await measure(commandLine, results);
  const file = commandLine.json ?? DEFAULT_JSON;
  writeFileSync(file, `${JSON.stringify(written, undefined, 2)}\n`);
  print(summary(written, results));
  if (written.failures.length > 0) {
    process.exitCode = 1;
  } else if (commandLine.docs) {
    writeDocs(written, results);
  }
  print(`JSON: ${file}`);
}

async function measure(commandLine: CommandLine, results: Results): Promise<Report> {
  const measuredAt = new Date().toISOString();
  const [loadBefore = 0] = loadavg();
  const scale = scales[commandLine.scale];
  const cores = findCores();
  pinSelf(cores);
  const profileTo = commandLine.profile ? mkdtempSync(join(tmpdir(), 'nestcast-profiles-')) : undefined;
  const run = new Run(
    {
      scale: { ...scale, rounds: commandLine.rounds ?? scale.rounds },
      only: commandLine.peers,
      profileTo,
      log: (line) => process.stderr.write(`${line}\n`),
    },
    cores,
    results,
  );
  try {
    for (const name of commandLine.only) {
      try {
        await workloads[name](run);
      } catch (error) {
        // The others are worth their while; the run as a whole has failed.
        results.failures.push(`${name}: ${String(error)}`);
        await run.restart();
      }
    }
  } finally {
    await run.close();
  }
  if (profileTo !== undefined) {
    print(`CPU profiles: ${profileTo}`);
  }
  return report(results, {
    measuredAt,
    loadBefore,
    scale: commandLine.scale,
    pinned: cores.server !== undefined,
    leftOut: findNchan() ? [] : ['nginx with nchan: not installed'],
  });
}

function summary(written: Report, results: Results): string {
  return [
    ...results.workloads.map((name) => `\n${name}\n\n${workloadTable(results, name)}`),
    ...(written.bars.length > 0 ? [`\n${barTable(written.bars)}`] : []),
    ...written.checks.map((check) => `verified: ${check}`),
    ...written.failures.map((failure) => `FAILED: ${failure}`),
    ...written.leftOut.map((what) => `left out: ${what}`),
    '',
  ].join('\n');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
