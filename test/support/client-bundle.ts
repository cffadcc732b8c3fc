import { resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const sources = resolve(import.meta.dirname, '../../libs/client/src');

const alias = {
  '@nestcast/client': resolve(sources, 'index.ts'),
  '@nestcast/client/eventsource': resolve(sources, 'eventsource/index.ts'),
  '@nestcast/client/react': resolve(sources, 'react/index.ts'),
  '@nestcast/client/vue': resolve(sources, 'vue/index.ts'),
};

/**
 * A module as a script for a browser, with all that it imports: packages, and the client's sources by its name.
 */
export async function browserScript(
  module: string,
  options: Pick<BuildOptions, 'external' | 'footer' | 'format' | 'globalName' | 'minify'> = {},
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: module, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    alias,
    ...options,
  });
  return outputFiles[0]?.text ?? '';
}

/** What a browser loads of the client's core: at once, and once tabs share. */
export async function coreChunks(): Promise<{ readonly core: string[]; readonly shared: string[] }> {
  const { outputFiles } = await build({
    entryPoints: [alias['@nestcast/client']],
    bundle: true,
    splitting: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    external: ['eventsource-parser'],
    outdir: sources,
  });
  return {
    core: outputFiles.filter(({ path }) => !isShared(path)).map(({ text }) => text),
    shared: outputFiles.filter(({ path }) => isShared(path)).map(({ text }) => text),
  };
}

function isShared(path: string): boolean {
  return path.includes('shared-connection');
}
