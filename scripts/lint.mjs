/** Lints the code, the imports between rooms and the formatting, all at once: each of these keeps one core busy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';

const linters = [
  ['oxlint', '--type-aware', '--deny-warnings'],
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

const codes = await Promise.all(linters.map(lint));
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
