import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { browserScript, coreChunks } from './support/client-bundle.js';

/** What each may weigh without what it stands on; bytes, minified and compressed. */
const entries = [
  ['@nestcast/client', 4_750, ['eventsource-parser', '*/shared-connection.js']],
  ['@nestcast/client/eventsource', 2_600, ['eventsource-parser']],
  ['@nestcast/client/react', 1_024, ['react', '*/sse-client.js']],
  ['@nestcast/client/vue', 1_024, ['vue', '*/sse-client.js']],
] as const;

describe('the size of the client', () => {
  it.each(entries)('%s is at most %i bytes', async (name, limit, external) => {
    const script = await browserScript(`export * from '${name}';`, {
      format: 'esm',
      minify: true,
      external: [...external],
    });
    const size = gzipSync(script, { level: 9 }).length;
    expect(size).toBeGreaterThan(100);
    expect(size).toBeLessThanOrEqual(limit);
  });

  it('what tabs share by is a chunk of its own, of at most 1,536 bytes', async () => {
    const { shared } = await coreChunks();
    expect(shared).toHaveLength(1);
    expect(gzipSync(shared[0] ?? '', { level: 9 }).length).toBeLessThanOrEqual(1_536);
  });
});
