import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { useClients } from './spec-support/fixture.js';
import type { Answer } from './spec-support/scripted-server.js';

const run = promisify(execFile);
const { serve } = useClients();

/** A process that closes a client in a state, and ends only if nothing of it is left. */
async function processThatCloses(url: string, status: string): Promise<{ readonly resources: string[] }> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createSseClient } from './index.ts';
        const resources = () => process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
        const client = createSseClient(${JSON.stringify(url)}, { backoff: { baseMs: 3_600_000 }, heartbeatMs: 3_600_000 });
        const stop = client.subscribe(() => {
          if (client.getSnapshot().status === '${status}') {
            stop();
            // An answer may be on its way.
            setTimeout(() => {
              client.close();
              process.once('exit', () => console.log(JSON.stringify({ resources: resources() })));
            }, 50);
          }
        });
        if ('${status}' === 'connecting') setTimeout(client.close, 50);
        process.once('unhandledRejection', (error) => { throw error; });
      `,
      resolveDir: import.meta.dirname,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', outputFiles[0]?.text ?? ''], {
    cwd: resolve(import.meta.dirname, '..'),
    timeout: 20_000,
  });
  return JSON.parse(stdout || '{"resources":[]}') as { resources: string[] };
}

describe('nothing is left of a client, and a process ends, that was closed when it was', () => {
  it.each<[string, Answer]>([
    ['connecting', { play: () => undefined }],
    ['open', { body: ':\n\n', ending: 'stay' }],
    ['waiting', { status: 503, body: 'a page', ending: 'stay' }],
    ['closed', { status: 404, body: 'a page', ending: 'stay' }],
  ])('%s', async (status, answer) => {
    const server = await serve(answer);
    expect(await processThatCloses(server.url, status)).toEqual({ resources: [] });
    await server.left(1);
    expect(await server.connections()).toBe(0);
  }, 30_000);
});
