import { crcConcat } from '../protocol/crc32.js';
import { GZIP_HEADER, gzipTrailer } from '../protocol/gzip.js';
import { type ContentCoding, Payload, type WireFormat, chunk, wireFormat } from '../protocol/payload.js';
import type { DirectSink, Transport } from '../transport/transport.js';

const NOTHING = Buffer.alloc(0);

/** Writes payloads to one transport in its wire format, and keeps what the end of a coded body needs to know. */
export class WireWriter {
  private readonly format: WireFormat;
  /** CRC-32 and length of what has been written, for the gzip trailer. */
  private crc = 0;
  private length = 0;
  private directBytes = 0;
  /** Where bytes go: past the transport where it has such a way, else through it. */
  private direct: DirectSink | undefined;

  constructor(
    private readonly transport: Transport,
    coding: ContentCoding,
    thresholdBytes: number,
  ) {
    // With `br` it is the transport that compresses.
    const shared = coding === 'br' ? 'identity' : coding;
    this.format = wireFormat(transport.framing, shared, thresholdBytes);
  }

  start(headers: Readonly<Record<string, string>>, text: string): void {
    const preamble = this.coded(new Payload(text));
    const first =
      this.format.coding === 'gzip' ? Buffer.concat([this.framed(GZIP_HEADER), preamble]) : preamble;
    this.transport.start(headers, first);
    this.direct = this.transport.direct;
  }

  write(payload: Payload): void {
    const bytes = this.coded(payload);
    if (this.direct) {
      this.directBytes += bytes.length;
      this.direct.write(bytes);
    } else {
      this.transport.write(bytes);
    }
  }

  /** Bytes of the body on the wire. */
  get bytes(): number {
    return this.directBytes + this.transport.sentBytes;
  }

  /** Bytes that wait in this process for the client to read. */
  get bufferedBytes(): number {
    return this.direct ? this.direct.writableLength : this.transport.bufferedBytes;
  }

  /** @param words the last that the client is told, in one write with the end */
  end(words?: Payload): void {
    const last = words ? this.coded(words) : NOTHING;
    const trailer = this.format.coding === 'gzip' ? this.framed(gzipTrailer(this.crc, this.length)) : NOTHING;
    this.transport.end(trailer.length > 0 ? Buffer.concat([last, trailer]) : last);
  }

  private coded(payload: Payload): Buffer {
    const piece = payload.piece(this.format);
    if (this.format.coding === 'gzip') {
      this.crc = crcConcat(this.crc, piece.crc, piece.crcShift);
      this.length += piece.length;
    }
    return piece.bytes;
  }

  private framed(bytes: Buffer): Buffer {
    return this.format.framing === 'chunked' ? chunk(bytes) : bytes;
  }
}
