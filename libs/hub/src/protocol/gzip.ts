import { constants, deflateRawSync } from 'node:zlib';

/**
 * A gzip member put together from blocks that refer to nothing before them, so that the same compressed bytes fit into
 * any client's stream at any point. [spec] RFC 1951 (deflate blocks), RFC 1952 (header and trailer).
 */

/** No name, no time, unknown system. */
export const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** An empty final block of fixed Huffman codes. */
const FINAL_BLOCK = [0x03, 0x00];
const MAX_STORED_BYTES = 0xffff;
const STORED_HEADER_BYTES = 5;

/** Compressed blocks, ended at a byte boundary by an empty stored block, so that a decoder can give all of it out. */
export function deflatedBlocks(bytes: Buffer): Buffer {
  return deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** The bytes as they are, in stored blocks: five bytes more and no work for the processor. */
export function storedBlocks(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += MAX_STORED_BYTES) {
    const part = bytes.subarray(start, start + MAX_STORED_BYTES);
    const header = Buffer.alloc(STORED_HEADER_BYTES);
    header.writeUInt16LE(part.length, 1);
    header.writeUInt16LE(~part.length & 0xffff, 3);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}

/** The end of a member whose content has this CRC-32 and this length in bytes. */
export function gzipTrailer(crc: number, length: number): Buffer {
  const trailer = Buffer.alloc(FINAL_BLOCK.length + 8);
  trailer.set(FINAL_BLOCK);
  trailer.writeUInt32LE(crc, FINAL_BLOCK.length);
  trailer.writeUInt32LE(length % 2 ** 32, FINAL_BLOCK.length + 4);
  return trailer;
}
