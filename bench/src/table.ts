import { type BarResult, againstNode } from './bars.js';
import { figure } from './figure.js';
import { peerTitles } from './peers/peers.js';
import { type Metric, type Results, medianOf, metrics } from './results.js';

/** A workload's results as a table of Markdown, which reads as well on a terminal. */
export function workloadTable(results: Results, workload: string): string {
  const rows = results.rowsOf(workload);
  const columns = (Object.keys(metrics) as Metric[]).filter((metric) =>
    rows.some((row) => medianOf(row, metric) !== undefined),
  );
  const header = [
    '',
    '÷ Node',
    ...columns.map((metric) => `${metrics[metric].title} (${metrics[metric].unit})`),
  ];
  const lines = rows.map((row) => [
    peerTitles[row.peer],
    figure(againstNode(results, workload, row.peer)),
    ...columns.map((metric) => figure(medianOf(row, metric))),
  ]);
  return table(header, lines);
}

export function barTable(bars: readonly BarResult[]): string {
  return table(
    ['bar', 'measured', 'at most', ''],
    bars.map(({ title, value, max, pass }) => [title, figure(value), String(max), pass ? 'pass' : 'FAIL']),
  );
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, i) => Math.max(3, name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}
