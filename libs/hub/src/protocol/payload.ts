import { crc32, crcShift } from './crc32.js';
import { deflatedBlocks, storedBlocks } from './gzip.js';
import { zstdFrame, zstdRawFrame } from './zstd.js';

/** Content codings whose pieces fit into any client's stream at any point, so that all connections share the bytes. */
export type SharedCoding = 'identity' | 'gzip' | 'zstd';

/** Every content coding. `br` takes an encoder for each connection: it is for private streams, whose bytes nobody shares. */
export type ContentCoding = SharedCoding | 'br';

/**
 * Who marks where the body ends: `chunked` frames are ours, to be written past `ServerResponse`; with `none` the bytes
 * are the body itself and Node (or the end of the connection) does it.
 */
export type Framing = 'chunked' | 'none';

/** How bytes must look for one connection. */
export interface WireFormat {
  readonly framing: Framing;
  readonly coding: SharedCoding;
  /** Payloads below it are stored, not compressed; bytes. */
  readonly thresholdBytes: number;
}

/** Bytes ready for a socket, and what a gzip trailer needs to know of what is in them. */
export interface Piece {
  readonly bytes: Buffer;
  /** Length of the text in bytes, before coding and framing. */
  readonly length: number;
  /** Only of a gzip piece. */
  readonly crc: number;
  readonly crcShift: number;
}

/** framing (2) × identity, gzip and zstd, the latter two compressed or stored. */
const SLOTS = 10;

/** Text on its way out: turned into bytes once per wire format, whoever reads it. */
export class Payload {
  private readonly utf8: Buffer;
  private readonly pieces: (Piece | undefined)[] = Array.from({ length: SLOTS });

  constructor(text: string) {
    this.utf8 = Buffer.from(text);
  }

  piece(format: WireFormat): Piece {
    const compress = format.coding !== 'identity' && this.utf8.length >= format.thresholdBytes;
    const slot = (format.framing === 'chunked' ? 5 : 0) + slotOf(format.coding, compress);
    return (this.pieces[slot] ??= this.encode(format, compress));
  }

  private encode({ framing, coding }: WireFormat, compress: boolean): Piece {
    const coded = codedBytes(this.utf8, coding, compress);
    const gzip = coding === 'gzip';
    return {
      bytes: framing === 'chunked' ? chunk(coded) : coded,
      length: this.utf8.length,
      crc: gzip ? crc32(this.utf8) : 0,
      crcShift: gzip ? crcShift(this.utf8.length) : 0,
    };
  }
}

/** One chunk of HTTP/1.1's chunked framing; none for no bytes. [spec] RFC 9112 7.1: a chunk of size 0 ends the body. */
export function chunk(bytes: Buffer): Buffer {
  if (bytes.length === 0) {
    return bytes;
  }
  const header = `${bytes.length.toString(16)}\r\n`;
  const framed = Buffer.allocUnsafe(header.length + bytes.length + 2);
  framed.write(header, 0, 'latin1');
  bytes.copy(framed, header.length);
  framed.write('\r\n', header.length + bytes.length, 'latin1');
  return framed;
}

function slotOf(coding: SharedCoding, compress: boolean): number {
  if (coding === 'identity') {
    return 0;
  }
  return (coding === 'gzip' ? 1 : 3) + (compress ? 1 : 0);
}

function codedBytes(utf8: Buffer, coding: SharedCoding, compress: boolean): Buffer {
  switch (coding) {
    case 'identity':
      return utf8;
    case 'gzip':
      return compress ? deflatedBlocks(utf8) : storedBlocks(utf8);
    case 'zstd':
      return compress ? zstdFrame(utf8) : zstdRawFrame(utf8);
  }
}
