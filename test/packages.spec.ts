import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmptyApp } from './support/empty-app.js';
import { packPackages } from './support/packed-packages.js';
import { SideBySide } from './support/side-by-side.js';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
const libs = ['client', 'hub', 'redis', 'sse', 'testing'] as const;
const guides = ['docs/using.md', 'docs/operating.md', 'docs/brokers.md'];
const CLIENT_GUIDE = 'docs/client.md';
const nests = ['12', '11'] as const;
const adapters = ['express', 'fastify'] as const;
const NPM_TIMEOUT = 180_000;
const APPS_TIMEOUT = 600_000;
/** Applications that are made at once: npm waits for its registry, and then keeps a core busy. */
const APPS_AT_ONCE = 3;

/** The packages as they are shipped: packed, installed into an empty application, imported by name, typed and run. */
describe('the packages as shipped', () => {
  let scratch: string;
  /** Their files, by the packages' names. */
  let tarballs: Record<string, string>;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'nestcast-packages-'));
    tarballs = await packPackages(libs.map(nameOf), scratch);
    expect(Object.keys(tarballs).toSorted()).toEqual(libs.map(nameOf));
  }, NPM_TIMEOUT);

  afterAll(() => rm(scratch, { recursive: true, force: true }), NPM_TIMEOUT);

  it.each(libs)(
    '%s passes publint',
    async (lib) => {
      const publint = join(root, 'node_modules/publint/src/cli.js');
      const args = [publint, '--strict', tarballs[nameOf(lib)] ?? ''];
      const { stdout } = await run(process.execPath, args);
      expect(stdout).toContain('All good!');
    },
    NPM_TIMEOUT,
  );

  it.each(libs)(
    '%s ships no specs, and its licence',
    async (lib) => {
      const { stdout } = await run('tar', ['-tf', tarballs[nameOf(lib)] ?? '']);
      expect(
        stdout.split('\n').filter((file) => /\.spec\.|\.fixture\.|spec-support|tsbuildinfo/.test(file)),
      ).toEqual([]);
      expect(stdout).toContain('package/LICENSE');
    },
    NPM_TIMEOUT,
  );

  describe('installed in an empty application', () => {
    const trials = new SideBySide<string, readonly string[] | void>(APPS_AT_ONCE);

    beforeAll(
      () =>
        trials.all([
          ...nests.map((nest) => [nest, () => firstChannelOf(nest)] as const),
          ['browser', clientsGuide],
          ['node', clientAlone],
        ]),
      APPS_TIMEOUT,
    );

    it.each(nests)(
      "the README's first channel works, and the guide's snippets compile, with Nest %s on either adapter",
      (nest) => {
        const works = expect.stringContaining('story {"title":"It runs"}');
        expect(trials.outcome(nest)).toEqual(adapters.map(() => works));
      },
    );

    it("the client's guide compiles, for a browser, with React and Vue, and with a server of the same contract", () => {
      expect(trials.outcome('browser')).toBeUndefined();
    });

    it('the client has types for Node.js alone, where nothing knows of a browser', () => {
      expect(trials.outcome('node')).toBeUndefined();
    });
  });

  /** Resolves with what it prints on each adapter, of which never more than one is installed. */
  async function firstChannelOf(nest: string): Promise<string[]> {
    const app = await EmptyApp.create(join(scratch, `nest-${nest}`), 'nest');
    const [firstChannel] = await snippets('README.md');
    const files = filesOfSnippets((await Promise.all(guides.map(snippets))).flat());
    await app.write({ ...files, 'first-channel.ts': firstChannel?.text ?? '' });
    const printed: string[] = [];
    for (const adapter of adapters) {
      const names = ['common', 'core', `platform-${adapter}`, 'terminus'].map((name) => `@nestjs/${name}`);
      const its = Object.fromEntries(names.map((name) => [name, nest]));
      await app.install({ ...tarballs, ...its, rxjs: '7', 'reflect-metadata': '0.2' });
      await app.compile();
      printed.push(await app.run(adapter));
    }
    return printed;
  }

  async function clientsGuide(): Promise<void> {
    const app = await EmptyApp.create(join(scratch, 'browser'), 'browser');
    await app.write(filesOfSnippets(await snippets(CLIENT_GUIDE)));
    const own = ['client', 'hub', 'sse'].map(nameOf).map((name) => [name, tarballs[name] ?? '']);
    const nest = { '@nestjs/common': '12', '@nestjs/core': '12', rxjs: '7', 'reflect-metadata': '0.2' };
    const frameworks = { react: '19', '@types/react': '19', vue: '3' };
    await app.install({ ...Object.fromEntries(own), ...nest, ...frameworks });
    await app.compile();
  }

  async function clientAlone(): Promise<void> {
    const app = await EmptyApp.create(join(scratch, 'node'), 'node');
    await app.install({ [nameOf('client')]: tarballs[nameOf('client')] ?? '' });
    await app.compile();
  }
});

const nameOf = (lib: string): string => `@nestcast/${lib}`;

interface Snippet {
  readonly language: string;
  readonly text: string;
}

/** One that another imports says its name in its first line. */
function filesOfSnippets(all: readonly Snippet[]): Record<string, string> {
  return Object.fromEntries(
    all.map(({ language, text }, index) => [
      /^\/\/ (\S+\.tsx?)\n/.exec(text)?.[1] ?? `guide-${index}.${language}`,
      text,
    ]),
  );
}

/** The blocks of TypeScript on a page, and the scripts of Vue's. */
async function snippets(page: string): Promise<Snippet[]> {
  const source = await readFile(join(root, page), 'utf8');
  const blocks = /```(?:(tsx?)|vue\n<script setup lang="ts">)\n([\s\S]*?)(?:```|<\/script>)/g;
  const found = [...source.matchAll(blocks)].map(([, language = 'ts', text = '']): Snippet => ({
    language,
    text,
  }));
  expect(found).not.toEqual([]);
  return found;
}
