import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { crc32, crcConcat, crcShift } from './crc32.js';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const join = (a: Buffer, b: Buffer): number => crcConcat(crc32(a), crc32(b), crcShift(b.length));

describe('crcConcat', () => {
  it('is the CRC of the two together (property)', () => {
    fc.assert(fc.property(bytes, bytes, (a, b) => expect(join(a, b)).toBe(crc32(Buffer.concat([a, b])))));
  });

  it('goes on over any number of parts (property)', () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        const crc = parts.reduce((sum, part) => crcConcat(sum, crc32(part), crcShift(part.length)), 0);
        expect(crc).toBe(crc32(Buffer.concat(parts)));
      }),
    );
  });

  for (const length of [0, 1, 255, 256, 65_535, 65_536, 65_537, 1_000_003]) {
    it(`takes a second part of ${length} bytes`, () => {
      const a = Buffer.from('the first part');
      const b = Buffer.alloc(length, 'žluťoučký kůň ');
      expect(join(a, b)).toBe(crc32(Buffer.concat([a, b])));
      expect(join(b, a)).toBe(crc32(Buffer.concat([b, a])));
    });
  }

  it('shifts by more bytes than any Buffer has', () => {
    const half = 2 ** 40 + 12_345;
    const twice = crcConcat(crcConcat(0xdeadbeef, 0, crcShift(half)), 0, crcShift(half));
    expect(crcConcat(0xdeadbeef, 0, crcShift(2 * half))).toBe(twice);
  });
});
