import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { minify } from 'terser';
import { browserScript, sharedChunk } from './support/client-bundle.js';

/** eventsource-parser, and what makes it the standard's. */
const parser = ['eventsource-parser', '*/event-stream.js'];
const shared = '*/shared-connection.js';

/** What each entry may weigh without what it stands on; bytes. */
const entries = [
  ['@nestcast/client', 'without the parser', 4_096, [...parser, shared]],
  ['@nestcast/client', 'without eventsource-parser', 4_500, ['eventsource-parser', shared]],
  ['@nestcast/client/eventsource', 'without eventsource-parser', 2_600, ['eventsource-parser']],
  ['@nestcast/client/react', 'without React and the client', 1_024, ['react', '*/sse-client.js']],
  ['@nestcast/client/vue', 'without Vue and the client', 1_024, ['vue', '*/sse-client.js']],
] as const;

/** As a page would load it: minified and compressed; bytes. */
async function weigh(script: string): Promise<number> {
  const { code = '' } = await minify(script, {
    module: true,
    ecma: 2020,
    compress: { passes: 4, unsafe_arrows: true },
  });
  return gzipSync(code, { level: 9 }).length;
}

describe('the size of the client', () => {
  it.each(entries)('%s %s is at most %i bytes', async (name, _what, limit, external) => {
    const script = await browserScript(`export * from '${name}';`, {
      format: 'esm',
      external: [...external],
    });
    const size = await weigh(script);
    expect(size).toBeGreaterThan(100);
    expect(size).toBeLessThanOrEqual(limit);
  });

  it('what tabs share by is a chunk of its own, of at most 1,536 bytes', async () => {
    expect(await weigh(await sharedChunk())).toBeLessThanOrEqual(1_536);
  });
});
