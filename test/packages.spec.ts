import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
const libs = ['hub', 'sse', 'redis', 'testing'];
const NPM_TIMEOUT = 180_000;

/** The packages as they are shipped: packed, installed into an empty application, imported by name, typed and run. */
describe('the packages as shipped', () => {
  let scratch: string;
  let tarballs: string[];

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'nestcast-packages-'));
    const packed = await run(
      'npm',
      ['pack', '--json', ...libs.flatMap((lib) => ['-w', `@nestcast/${lib}`])],
      {
        cwd: root,
        env: { ...process.env, npm_config_pack_destination: scratch },
      },
    );
    tarballs = filesOf(packed.stdout).map((file) => join(scratch, file));
    expect(tarballs).toHaveLength(libs.length);
  }, NPM_TIMEOUT);

  afterAll(() => rm(scratch, { recursive: true, force: true }), NPM_TIMEOUT);

  it.each(libs)(
    '%s passes publint',
    async (lib) => {
      const { stdout } = await run('npx', ['publint', '--strict', `libs/${lib}`], { cwd: root });
      expect(stdout).toContain('All good!');
    },
    NPM_TIMEOUT,
  );

  it.each(libs)(
    '%s ships no specs, and its licence',
    async (lib) => {
      const { stdout } = await run('tar', ['-tf', tarballs.find((file) => file.includes(`-${lib}-`)) ?? '']);
      expect(
        stdout.split('\n').filter((file) => /\.spec\.|\.fixture\.|spec-support|tsbuildinfo/.test(file)),
      ).toEqual([]);
      expect(stdout).toContain('package/LICENSE');
    },
    NPM_TIMEOUT,
  );

  it.each([
    ['12', 'express'],
    ['12', 'fastify'],
    ['11', 'express'],
    ['11', 'fastify'],
  ])(
    "the README's first channel works, and the guide's snippets compile, with Nest %s on %s",
    async (nest, adapter) => {
      const app = join(scratch, `nest-${nest}-${adapter}`);
      await mkdir(app);
      await cp(join(root, 'test/packages'), app, { recursive: true });
      const [firstChannel = ''] = await snippets('README.md');
      await writeFile(join(app, 'first-channel.ts'), firstChannel);
      const guides = await Promise.all(
        ['docs/using.md', 'docs/operating.md', 'docs/brokers.md'].map(snippets),
      );
      await Promise.all(
        guides.flat().map((snippet, index) => {
          // One that another imports says its name in its first line.
          const name = /^\/\/ (\S+\.ts)\n/.exec(snippet)?.[1] ?? `guide-${index}.ts`;
          return writeFile(join(app, name), snippet);
        }),
      );
      const own = ['common', 'core', `platform-${adapter}`, 'terminus'].map(
        (name) => `@nestjs/${name}@${nest}`,
      );
      await run(
        'npm',
        [
          'install',
          '--no-audit',
          '--no-fund',
          '--prefer-offline',
          ...tarballs,
          ...own,
          'rxjs@7',
          'reflect-metadata@0.2',
        ],
        { cwd: app },
      );
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      await run(process.execPath, [tsc, '-p', '.', '--typeRoots', join(root, 'node_modules/@types')], {
        cwd: app,
      });
      const { stdout } = await run(process.execPath, ['dist/main.js', adapter], { cwd: app });
      expect(stdout).toContain('story {"title":"It runs"}');
    },
    NPM_TIMEOUT,
  );
});

/** What `npm pack --json` says it wrote: an array, or since npm 11 an object by package name. */
function filesOf(stdout: string): string[] {
  const packed = JSON.parse(stdout) as Record<string, { filename: string }> | { filename: string }[];
  return Object.values(packed).map(({ filename }) => filename);
}

/** The blocks of TypeScript on a page. */
async function snippets(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
  expect(blocks).not.toEqual([]);
  return blocks;
}
