/**
 * Everything that must hold before a change lands: builds, lints, and runs all specs, the page in a real Chromium
 * included. Ends with one plain line, `N passed, N failed`, and exits with 1 if anything failed.
 *
 * Arguments are handed to Jest: `npm test -- libs/hub`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { alone } from './alone.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'nestcast-test-'));
const everySpec = ['**/*.spec.ts', '**/*.spec.tsx'];

/** What Jest counts, and 1 failure if it dies before it has counted. */
const noReport = { numTotalTests: 0, numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
let passed = 0;
let failed = 0;
let specs = 0;

process.stdout.write(`Node.js ${process.version}\n`);
const ready = await Promise.all([
  run('build', 'npm', ['run', '--silent', 'build']),
  // Of the sources alone, beside the build.
  run('lint', 'npm', ['run', '--silent', 'lint', '--', 'oxlint', 'prettier']),
]);
if (ready.every(Boolean) && (await run('imports', 'npm', ['run', '--silent', 'lint', '--', 'depcruise']))) {
  // Both cores of a small machine; one of the cores of a larger one is for what the specs start.
  const workers = Math.max(2, availableParallelism() - 1);
  await runSpecs('specs', workers, [...everySpec, ...alone.map((glob) => `!**/${glob}`)]);
  await runSpecs(
    'specs with a clock',
    1,
    alone.map((glob) => `**/${glob}`),
  );
  if (specs === 0) {
    failed += 1;
  }
}
rmSync(scratch, { recursive: true });
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** @returns whether it has succeeded, which counts as one that has passed */
async function run(name, command, args) {
  const succeeded = await timed(name, command, args, ['ignore', 'inherit', 'inherit']);
  passed += succeeded ? 1 : 0;
  failed += succeeded ? 0 : 1;
  return succeeded;
}

/** @param globs of the specs, those that begin with `!` are left out */
async function runSpecs(name, workers, globs) {
  const report = join(scratch, `${name}.json`);
  const args = [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${report}`,
    `--maxWorkers=${workers}`,
    ...globs.map((glob) => `--testMatch=${glob}`),
    // What was asked for may be among the others.
    '--passWithNoTests',
    ...process.argv.slice(2),
  ];
  // Jest's --json also prints to standard output, which nobody reads; its report for people goes to standard error.
  const succeeded = await timed(name, process.execPath, args, ['ignore', 'ignore', 'inherit']);
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : noReport;
  specs += result.numTotalTests;
  passed += result.numPassedTests;
  // A suite that could not even be loaded has no failed test of its own.
  const failures = result.numFailedTests + result.numRuntimeErrorTestSuites;
  failed += succeeded ? failures : Math.max(1, failures);
}

/** Says how it went, and how long it took. */
async function timed(name, command, args, stdio) {
  const started = performance.now();
  const [code] = await once(spawn(command, args, { stdio }), 'close');
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  process.stdout.write(`${name}: ${code === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`);
  return code === 0;
}
