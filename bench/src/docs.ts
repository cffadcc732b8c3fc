import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { type Group, chart } from './chart.js';
import type { Report } from './report.js';
import { type Results, medianOf } from './results.js';
import { barTable, workloadTable } from './table.js';

const page = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const picture = fileURLToPath(new URL('../../docs/performance.svg', import.meta.url));
const BEGIN = '<!-- begin: written by `npm run bench -- --docs` -->';
const END = '<!-- end -->';

/**
 * Puts what was measured between the markers of docs/performance.md, and its picture beside it.
 *
 * @throws Error if the page has no markers
 */
export function writeDocs(report: Report, results: Results): void {
  const text = readFileSync(page, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin === -1 || end === -1) {
    throw new Error(`${page}: the markers are missing`);
  }
  const generated = [about(report), ...tables(results), bars(report)].join('\n\n');
  writeFileSync(page, `${text.slice(0, begin + BEGIN.length)}\n\n${generated}\n\n${text.slice(end)}`);
  const groups = fanOutGroups(results);
  if (groups.length > 0) {
    writeFileSync(
      picture,
      chart(
        'CPU time of the server for each delivery, in microseconds',
        'Events of 256 bytes to all connections of a channel. Shorter is better; the scale is logarithmic.',
        groups,
      ),
    );
  }
}

function about({ measuredAt, machine, versions, loadBefore, pinned, scale, leftOut }: Report): string {
  const { cpu, cores, memoryGigabytes, kernel } = machine;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const rest = [
    pinned ? 'Server and load had a core of their own each.' : 'Server and load shared the cores.',
    `The load average before the run was ${loadBefore.toFixed(1)}.`,
    ...(scale === 'full' ? [] : [`A ${scale} run.`]),
    ...leftOut.map((what) => `Left out: ${what}.`),
  ];
  return [
    `Measured on ${measuredAt.slice(0, 10)}: ${cpu}, ${cores} cores, ${memoryGigabytes} GB, Linux ${kernel}.`,
    `${names.join(', ')}.`,
    rest.join(' '),
  ].join('\n');
}

function tables(results: Results): string[] {
  return results.workloads.map((name) => `### ${capital(name)}\n\n${workloadTable(results, name)}`);
}

function bars(report: Report): string {
  return report.bars.length > 0 ? `### The bars\n\n${barTable(report.bars)}` : '';
}

function fanOutGroups(results: Results): Group[] {
  const sizes = results.workloads.flatMap((name) => /^fan-out, (\S+)/.exec(name)?.[1] ?? []);
  // The smallest and the largest say it.
  return results.workloads
    .filter((name) => [sizes.at(0), sizes.at(-1)].some((size) => name.startsWith(`fan-out, ${size} `)))
    .map((name) => ({
      title: capital(
        name.replace('fan-out, ', '').replace('1 a turn', '1 event a turn').replace('20 a', '20 events a'),
      ),
      bars: results.rowsOf(name).flatMap((row) => {
        const value = medianOf(row, 'cpuUs');
        return value === undefined ? [] : [{ peer: row.peer, value }];
      }),
    }));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
