import { crc32 } from 'node:zlib';

export { crc32 };

/**
 * CRC-32 of a concatenation from the CRCs of its parts, so that a gzip trailer costs no second look at the bytes.
 * A CRC is a polynomial over GF(2) modulo {@link POLYNOMIAL}, bits reflected: appending n bytes multiplies it by x^8n.
 */
const POLYNOMIAL = 0xedb88320;
/** x^0, reflected. */
const ONE = 0x80000000;

/** x^(2^k) modulo the polynomial, for k = 0 … 31. */
const POWERS: readonly number[] = (() => {
  const powers = [ONE >>> 1];
  for (let k = 1; k < 32; k += 1) {
    const last = powers[k - 1] as number;
    powers.push(multiply(last, last));
  }
  return powers;
})();

function multiply(a: number, b: number): number {
  let product = 0;
  let rest = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if (a & bit) {
      product ^= rest;
    }
    rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  }
  return product >>> 0;
}

/** What a CRC is multiplied by when `length` bytes are appended: computed once a piece, used for every stream. */
export function crcShift(length: number): number {
  let shift = ONE;
  let exponent = length;
  // Three doublings turn bytes into bits: x^8 is POWERS[3].
  for (let k = 3; exponent > 0; k += 1) {
    if (exponent & 1) {
      shift = multiply(POWERS[k & 31] as number, shift);
    }
    exponent = Math.floor(exponent / 2);
  }
  return shift;
}

/** The CRC of `a` followed by `b`, where `shiftOfB` is {@link crcShift} of b's length in bytes. */
export function crcConcat(crcOfA: number, crcOfB: number, shiftOfB: number): number {
  return (multiply(shiftOfB, crcOfA) ^ crcOfB) >>> 0;
}
