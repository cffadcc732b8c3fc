/** Builds the pages, unless nothing that they are made of is newer than they are: a second start then needn't wait. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const app = import.meta.dirname;
const root = join(app, '../..');
const page = join(app, 'public/index.html');
const sources = [
  join(app, 'web'),
  join(app, 'vite.config.ts'),
  join(root, 'libs/client/dist'),
  join(root, 'package-lock.json'),
];

/** Milliseconds since the Unix epoch; of a folder, also when something in it was added or removed. */
function changedAt(path) {
  const { mtimeMs } = statSync(path);
  const entries = statSync(path).isDirectory() ? readdirSync(path, { recursive: true }) : [];
  return Math.max(mtimeMs, ...entries.map((entry) => statSync(join(path, entry)).mtimeMs));
}

if (!existsSync(page) || sources.some((path) => changedAt(path) > statSync(page).mtimeMs)) {
  const { build } = await import('vite');
  process.chdir(app);
  await build({ logLevel: 'warn' });
}
