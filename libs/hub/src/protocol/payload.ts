import { crc32, crcShift } from './crc32.js';
import { deflatedBlocks, storedBlocks } from './gzip.js';
import { zstdFrame, zstdRawFrame } from './zstd.js';

const NOTHING = Buffer.alloc(0);
const CR = 0x0d;
const LF = 0x0a;

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

const formats = new Map<string, WireFormat>();

/** The same object for the same format, so that connections share it and a payload can tell it at a glance. */
export function wireFormat(framing: Framing, coding: SharedCoding, thresholdBytes: number): WireFormat {
  const key = coding === 'identity' ? framing : `${framing} ${coding} ${thresholdBytes}`;
  let format = formats.get(key);
  if (!format) {
    format = { framing, coding, thresholdBytes };
    formats.set(key, format);
  }
  return format;
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

/** Text on its way out: turned into bytes once per wire format, whoever reads it. */
export class Payload {
  /** Of most payloads there is one format only: the last one is at hand without a look into {@link others}. */
  private lastFormat: WireFormat | undefined;
  private lastPiece: Piece | undefined;
  private others: Map<string, Piece> | undefined;
  private bytes: Buffer | undefined;

  constructor(private readonly text: string) {}

  piece(format: WireFormat): Piece {
    if (this.lastFormat === format && this.lastPiece) {
      return this.lastPiece;
    }
    const piece = this.find(format);
    this.lastFormat = format;
    this.lastPiece = piece;
    return piece;
  }

  private find(format: WireFormat): Piece {
    if (!this.lastFormat || !this.lastPiece) {
      return this.encode(format);
    }
    this.others ??= new Map([[this.keyOf(this.lastFormat), this.lastPiece]]);
    const key = this.keyOf(format);
    let piece = this.others.get(key);
    if (!piece) {
      piece = this.encode(format);
      this.others.set(key, piece);
    }
    return piece;
  }

  /** Two thresholds make no difference where the text is above or below both. */
  private keyOf(format: WireFormat): string {
    return `${format.framing} ${format.coding} ${this.compresses(format)}`;
  }

  private compresses({ coding, thresholdBytes }: WireFormat): boolean {
    return coding !== 'identity' && this.utf8.length >= thresholdBytes;
  }

  private get utf8(): Buffer {
    this.bytes ??= Buffer.from(this.text);
    return this.bytes;
  }

  private encode(format: WireFormat): Piece {
    const { framing, coding } = format;
    if (coding === 'identity' && framing === 'chunked') {
      const { bytes, length } = textChunk(this.text);
      return { bytes, length, crc: 0, crcShift: 0 };
    }
    const coded = codedBytes(this.utf8, coding, this.compresses(format));
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

/** A chunk of text without a copy in between: one event for one client is encoded for nobody else. */
function textChunk(text: string): { readonly bytes: Buffer; readonly length: number } {
  const length = Buffer.byteLength(text);
  if (length === 0) {
    return { bytes: NOTHING, length };
  }
  const header = `${length.toString(16)}\r\n`;
  const bytes = Buffer.allocUnsafe(header.length + length + 2);
  bytes.write(header, 0, 'latin1');
  if (length === text.length) {
    // Nothing but ASCII, the same in both and quicker so.
    bytes.write(text, header.length, 'latin1');
  } else {
    bytes.write(text, header.length);
  }
  bytes[header.length + length] = CR;
  bytes[header.length + length + 1] = LF;
  return { bytes, length };
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
