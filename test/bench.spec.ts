import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
const TIMEOUT = 180_000;

interface Report {
  machine: { cores: number };
  versions: Record<string, string>;
  workloads: { name: string; peers: Record<string, { median: Figures; rounds: Figures[] }> }[];
  bars: { title: string; value: number; max: number; pass: boolean }[];
  checks: string[];
}
type Figures = Record<string, number>;

/** All workloads, in two runs that start as many processes each. */
const parts = [
  ['fan-out', 'paced', 'users', 'gzip', 'opening', 'ping'],
  ['stalled', 'idle', 'redis-fan-out', 'redis-publish'],
];

/** The bench as it is built, at a size that says nothing of speed: whether all peers do the work, and do it right. */
describe('the bench', () => {
  let scratch: string;
  let report: Report;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'nestcast-bench-'));
    await run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'bench'], { cwd: root });
    // Both at once: nothing is compared between them, and what each does most is start processes.
    const [first, second] = (await Promise.all(parts.map(measure))) as [Report, Report];
    report = {
      ...first,
      workloads: [...first.workloads, ...second.workloads],
      bars: [...first.bars, ...second.bars],
      checks: [...first.checks, ...second.checks],
    };
  }, TIMEOUT);

  async function measure(workloads: readonly string[], index: number): Promise<Report> {
    const file = join(scratch, `results-${index}.json`);
    const args = ['bench/dist/bench.js', '--smoke', '--only', workloads.join(), '--json', file];
    await run(process.execPath, args, { cwd: root });
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  }

  afterAll(() => rm(scratch, { recursive: true, force: true }));

  it.each([
    ['fan-out, 20 connections, 1 a turn', 'raw-shared', 'cpuUs'],
    ['fan-out, 20 connections, 20 a turn', 'nest-sse', 'wireBytes'],
    ['paced, 10 events a second', 'fastify-sse', 'p99Ms'],
    ['a channel a user', 'better-sse', 'cpuUs'],
    ['1 KB, uncompressed', 'raw-shared', 'usedBytes'],
    ['1 KB, gzip', 'raw-gzip', 'cpuUs'],
    ['all read', 'raw-batch', 'peakMegabytes'],
    ['10 % stalled', 'raw-batch', 'p99Ms'],
    ['opening', 'raw-naive', 'cpuUs'],
    ['idle', 'raw-naive', 'residentBytes'],
    ['a second request', 'nest-sse', 'p99Ms'],
  ])('%s: has the figures of Nestcast on both adapters, and those of %s', (name, peer, metric) => {
    const workload = report.workloads.find((candidate) => candidate.name === name);
    for (const expected of [peer, 'nestcast-express', 'nestcast-fastify']) {
      const row = workload?.peers[expected];
      expect(row?.median[metric]).toEqual(expect.any(Number));
      expect(row?.rounds).toHaveLength(1);
    }
  });

  it.each([
    ['fan-out over nodes, 20 connections each, 20 a turn', 'nestcast-cluster', 'nestcast-redis'],
    ['publishing through Redis', 'redis-bare', 'nestcast-redis'],
  ])('%s: has the figures of %s and %s, and the bar between them', (name, ...peers) => {
    const workload = report.workloads.find((candidate) => candidate.name === name);
    for (const peer of peers) {
      expect(workload?.peers[peer]?.median['cpuUs']).toBeGreaterThan(0);
      expect(workload?.peers[peer]?.median['perSecond']).toBeGreaterThan(0);
    }
    expect(report.bars.filter(({ title }) => title.startsWith(`${name}: `))).toHaveLength(1);
  });

  it('sends events of 256 bytes and of 1 KB, and fewer bytes where they are compressed', () => {
    expect(Math.abs(wireBytes(report, 'fan-out, 20 connections, 1 a turn') - 256)).toBeLessThan(16);
    expect(Math.abs(wireBytes(report, '1 KB, uncompressed') - 1_024)).toBeLessThan(32);
    expect(wireBytes(report, '1 KB, gzip')).toBeLessThan(600);
  });

  it('has verified what each connection got', () => {
    expect(report.checks).toContain('every connection got every event exactly once and in order');
    expect(report.checks).toContain(
      'nestcast-fastify: 2 stalled readers got all that was still there, in order; 2 of them were told a gap',
    );
  });

  it('holds Nestcast against its bars, and says on what it was measured', () => {
    expect(report.bars.length).toBeGreaterThan(0);
    for (const { value, max, pass } of report.bars) {
      expect(pass).toBe(value <= max);
    }
    expect(report.machine.cores).toBeGreaterThan(0);
    expect(report.versions['node']).toBe(process.versions.node);
    expect(report.versions['better-sse']).toMatch(/^\d+\.\d+/);
  });
});

/** Of an event of Nestcast's on Express. */
function wireBytes({ workloads }: Report, name: string): number {
  const workload = workloads.find((candidate) => candidate.name === name);
  return workload?.peers['nestcast-express']?.median['wireBytes'] ?? Number.NaN;
}
