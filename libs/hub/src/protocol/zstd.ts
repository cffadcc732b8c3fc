import * as zlib from 'node:zlib';

/** zstd by independent frames. [spec] RFC 8878 3.1: a stream is a row of frames, each complete in itself. */

const MAGIC = 0xfd2fb528;
/** One segment, content size in 4 bytes, no checksum, no dictionary. */
const RAW_FRAME_DESCRIPTOR = 0b1010_0000;
const RAW_FRAME_HEADER_BYTES = 9;
const BLOCK_HEADER_BYTES = 3;
const MAX_BLOCK_BYTES = 128 * 1024;

type ZstdCompressSync = (bytes: Buffer) => Buffer;
// Node.js has it since 22.15; the types of the oldest Node.js that is supported don't know it.
const zstdCompressSync = (zlib as { zstdCompressSync?: ZstdCompressSync }).zstdCompressSync;

/** Whether this Node.js can write zstd (since 22.15). */
export const zstdSupported = zstdCompressSync !== undefined;

/** One compressed frame. */
export function zstdFrame(bytes: Buffer): Buffer {
  if (!zstdCompressSync) {
    throw new TypeError('zstd needs Node.js 22.15 or later; ask zstdSupported first.');
  }
  return zstdCompressSync(bytes);
}

/** The bytes as they are, in one frame of raw blocks. */
export function zstdRawFrame(bytes: Buffer): Buffer {
  const header = Buffer.alloc(RAW_FRAME_HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt8(RAW_FRAME_DESCRIPTOR, 4);
  header.writeUInt32LE(bytes.length, 5);
  const parts: Buffer[] = [header];
  for (let start = 0; start < bytes.length; start += MAX_BLOCK_BYTES) {
    const part = bytes.subarray(start, start + MAX_BLOCK_BYTES);
    const isLast = start + MAX_BLOCK_BYTES >= bytes.length ? 1 : 0;
    const blockHeader = Buffer.alloc(BLOCK_HEADER_BYTES);
    blockHeader.writeUIntLE((part.length << 3) | isLast, 0, BLOCK_HEADER_BYTES);
    parts.push(blockHeader, part);
  }
  return Buffer.concat(parts);
}
