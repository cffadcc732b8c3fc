/**
 * `npm test` on another major version of Node.js, which the npm package `node` brings: `npm run test:node -- 24`. Further
 * arguments are handed to Jest.
 */
import { spawnSync } from 'node:child_process';

const [major, ...jestArguments] = process.argv.slice(2);
if (!/^\d+$/.test(major ?? '')) {
  process.stderr.write('Usage: npm run test:node -- <20, 22 or 24> [arguments for Jest]\n');
  process.exit(2);
}
// npx puts that Node.js first on PATH, so that npm and whatever else the specs start runs on it too.
const { status } = spawnSync(
  'npx',
  ['--yes', `--package=node@${major}`, '--', 'node', 'scripts/test.mjs', ...jestArguments],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
