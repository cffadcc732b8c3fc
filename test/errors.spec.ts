import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '..');

describe('docs/errors.md', () => {
  it.each([
    ['of the server', 'libs/hub/src/sse-error.ts', 0],
    ['of the client', 'libs/client/src/sse-client-error.ts', 1],
  ])('explains every code %s, and none that there is not', async (_name, file, section) => {
    const source = await readFile(resolve(root, file), 'utf8');
    const docs = await readFile(resolve(root, 'docs/errors.md'), 'utf8');
    const table = docs.split('\n## The client\n')[section] ?? '';
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
    const explained = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(5);
    expect(new Set(explained)).toEqual(new Set(codes));
    expect(explained).toHaveLength(codes.length);
  });
});
