/**
 * Everything that must hold before a change lands: builds, lints, and runs all specs, the page in a real Chromium
 * included. Ends with one plain line, `N passed, N failed`, and exits with 1 if anything failed.
 *
 * Arguments are handed to Jest: `npm test -- libs/hub`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'nestcast-test-'));
const report = join(scratch, 'jest.json');
const steps = [
  { name: 'build', command: 'npm', args: ['run', '--silent', 'build'] },
  { name: 'lint', command: 'npm', args: ['run', '--silent', 'lint'] },
  {
    name: 'specs',
    command: process.execPath,
    args: [
      '--experimental-vm-modules',
      '--no-warnings=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--json',
      `--outputFile=${report}`,
      ...process.argv.slice(2),
    ],
  },
];

process.stdout.write(`Node.js ${process.version}\n`);
let passed = 0;
let failed = 0;
for (const { name, command, args } of steps) {
  const started = performance.now();
  // Jest's --json also prints to standard output, which nobody reads; its report for people goes to standard error.
  const stdio = name === 'specs' ? ['ignore', 'ignore', 'inherit'] : ['ignore', 'inherit', 'inherit'];
  const { status } = spawnSync(command, args, { stdio });
  process.stdout.write(
    `${name}: ${status === 0 ? 'ok' : 'FAILED'} in ${Math.round((performance.now() - started) / 100) / 10} s\n`,
  );
  if (name === 'specs') {
    // Jest that dies early leaves no report.
    const result = existsSync(report)
      ? JSON.parse(readFileSync(report, 'utf8'))
      : { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 };
    passed += result.numPassedTests;
    // A suite that could not even be loaded has no failed test of its own.
    failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    if (status !== 0 && failed === 0) {
      failed = 1;
    }
  } else if (status === 0) {
    passed += 1;
  } else {
    failed += 1;
    break;
  }
}
rmSync(scratch, { recursive: true });
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
