/**
 * Lints the code, the imports between rooms and the formatting, all at once: each of these keeps one core busy. Arguments name
 * those that shall run, by default all: `node scripts/lint.mjs oxlint prettier`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';

const linters = [
  ['oxlint', '--type-aware', '--deny-warnings'],
  // Goes by what the packages' names lead to, which is what has been built.
  ['depcruise', '--config', '.dependency-cruiser.cjs', 'libs', 'apps', 'bench', 'demo', 'test', 'scripts'],
  ['prettier', '--check', '.'],
];

/** Resolves with its exit code, when what it has said is told. */
async function lint([command, ...args]) {
  // npm has put node_modules/.bin on the PATH.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], out, err] = await Promise.all([
    once(child, 'close'),
    buffer(child.stdout),
    buffer(child.stderr),
  ]);
  process.stdout.write(out);
  process.stderr.write(err);
  return code;
}

const names = process.argv.slice(2);
const wanted = linters.filter(([name]) => names.length === 0 || names.includes(name));
const codes = await Promise.all(wanted.map(lint));
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
