import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '..');

describe('docs/errors.md', () => {
  it('explains every code, and none that there is not', async () => {
    const source = await readFile(resolve(root, 'libs/hub/src/sse-error.ts'), 'utf8');
    const docs = await readFile(resolve(root, 'docs/errors.md'), 'utf8');
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
    const explained = [...docs.matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(5);
    expect(new Set(explained)).toEqual(new Set(codes));
  });
});
