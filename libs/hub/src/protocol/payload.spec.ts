import { describe, expect, it } from '@jest/globals';
import { type SharedCoding, type Framing, Payload, chunk } from './payload.js';
import { zstdSupported } from './zstd.js';

const CODINGS: SharedCoding[] = zstdSupported ? ['identity', 'gzip', 'zstd'] : ['identity', 'gzip'];
const FRAMINGS: Framing[] = ['none', 'chunked'];

describe('Payload', () => {
  const formats = CODINGS.flatMap((coding) =>
    FRAMINGS.flatMap((framing) => [1, 1_000].map((thresholdBytes) => ({ coding, framing, thresholdBytes }))),
  );

  it('is encoded once a format: all who read it get the same Buffer', () => {
    const payload = new Payload('data: x\n\n');
    for (const format of formats) {
      expect(payload.piece({ ...format }).bytes).toBe(payload.piece({ ...format }).bytes);
    }
  });

  it('has other bytes for every format', () => {
    const payload = new Payload(`data: ${'x'.repeat(100)}\n\n`);
    const coded = formats.filter(({ coding }) => coding !== 'identity');
    const bytes = new Set(coded.map((format) => payload.piece(format).bytes.toString('hex')));
    expect(bytes.size).toBe(coded.length);
  });

  it('compresses from the threshold on, in bytes', () => {
    const payload = new Payload('ř'.repeat(50));
    const size = (thresholdBytes: number): number =>
      payload.piece({ framing: 'none', coding: 'gzip', thresholdBytes }).bytes.length;
    expect(size(100)).toBeLessThan(50);
    expect(size(101)).toBeGreaterThan(100);
  });

  it('never writes an empty chunk, which would end the body', () => {
    expect(chunk(Buffer.alloc(0))).toHaveLength(0);
    expect(chunk(Buffer.from('x'.repeat(26))).toString('latin1')).toBe(`1a\r\n${'x'.repeat(26)}\r\n`);
  });
});
