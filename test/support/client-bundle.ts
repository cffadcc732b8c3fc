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
  options: Pick<BuildOptions, 'external' | 'footer' | 'format' | 'globalName'> = {},
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

/** The script that a client loads once tabs share. */
export async function sharedChunk(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [alias['@nestcast/client']],
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['eventsource-parser'],
    outdir: sources,
  });
  const chunks = outputFiles.filter(({ path }) => path.includes('shared-connection'));
  if (chunks.length !== 1) {
    throw new Error(`What tabs share by is in ${chunks.length} chunks.`);
  }
  return chunks[0]?.text ?? '';
}
