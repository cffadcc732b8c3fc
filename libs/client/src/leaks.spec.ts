import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { useClients } from './spec-support/fixture.js';
import type { Answer } from './spec-support/scripted-server.js';

const { serve } = useClients();

/** Tells its status, closes when it is told to, and then what is left; it ends only if that lets it. */
const script = (url: string) => `
  import { createSseClient } from './index.ts';
  const client = createSseClient(${JSON.stringify(url)}, { backoff: { baseMs: 3_600_000 }, heartbeatMs: 3_600_000 });
  const tell = () => console.log(client.getSnapshot().status);
  tell();
  client.subscribe(tell);
  process.stdin.once('data', () => {
    process.stdin.destroy();
    client.close();
  });
  process.once('exit', () => console.log(process.getActiveResourcesInfo().filter((name) => !/Pipe/.test(name)).join()));
`;

async function startProcess(url: string): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  const { outputFiles } = await build({
    stdin: { contents: script(url), resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  const code = outputFiles[0]?.text ?? '';
  return spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

describe('nothing is left of a client, and its process ends, that was closed when it was', () => {
  it.each<[string, Answer]>([
    ['connecting', { play: () => undefined }],
    ['open', { body: ':\n\n', ending: 'stay' }],
    ['waiting', { status: 503, body: 'a page', ending: 'stay' }],
    ['closed', { status: 404, body: 'a page', ending: 'stay' }],
  ])(
    '%s',
    async (status, answer) => {
      const server = await serve(answer);
      const child = await startProcess(server.url);
      try {
        const exit = once(child, 'exit');
        const lines: string[] = [];
        for await (const line of createInterface(child.stdout)) {
          if (lines.push(line) && line === status) {
            await server.request(1);
            child.stdin.write('close\n');
          }
        }
        expect(await exit).toEqual([0, null]);
        // Nothing that would keep it alive.
        expect(lines.slice(-2)).toEqual(['closed', '']);
        await server.left(1);
        expect(await server.connections()).toBe(0);
      } finally {
        child.kill();
      }
    },
    30_000,
  );
});
