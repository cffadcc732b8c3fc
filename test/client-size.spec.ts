import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { browserScript } from './support/client-bundle.js';

/** What each may weigh without what it stands on; bytes, minified and compressed. The first loads the second with `shared` only. */
const entries = [
  ['@nestcast/client', 4_750, ['eventsource-parser', '*/shared-connection.js']],
  [
    '../../libs/client/src/shared/shared-connection.js',
    1_536,
    ['*/own-connection.js', '*/sse-client-error.js'],
  ],
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
});
