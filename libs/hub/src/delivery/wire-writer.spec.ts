import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as zlib from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type SharedCoding, type Framing, Payload } from '../protocol/payload.js';
import { zstdSupported } from '../protocol/zstd.js';
import { unchunked } from '../spec-support/chunked-body.js';
import { MemoryTransport } from '../spec-support/memory-transport.js';
import { WireWriter } from './wire-writer.js';

type Decompress = (bytes: Buffer) => Buffer;
// Node.js has it since 22.15; the types of the oldest Node.js that is supported don't know it.
const zstdDecompressSync = (zlib as { zstdDecompressSync?: Decompress }).zstdDecompressSync;

const FRAMINGS: Framing[] = ['none', 'chunked'];
/** Large enough for two stored blocks of deflate (65,535 bytes) and two raw blocks of zstd (128 KiB). */
const LARGE = `data: ${'0123456789abcdeř'.repeat(9_000)}\n\n`;

const texts = fc.array(
  fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.string({ minLength: 1, maxLength: 2_000 })),
  { minLength: 1, maxLength: 12 },
);
const thresholds = fc.constantFrom(0, 10, 100, 10_000_000);

function written(
  all: readonly string[],
  coding: SharedCoding,
  framing: Framing,
  threshold: number,
): MemoryTransport {
  const transport = new MemoryTransport(framing);
  const writer = new WireWriter(transport, coding, threshold);
  const [first = '', ...rest] = all;
  writer.start({}, first);
  for (const text of rest) {
    writer.write(new Payload(text));
  }
  writer.end();
  return transport;
}

const bodyOf = ({ framing }: MemoryTransport, bytes: Buffer): Buffer =>
  framing === 'chunked' ? unchunked(bytes) : bytes;

/** What was said, as UTF-8 can say it. */
const said = (all: readonly string[]): Buffer => Buffer.from(all.join('').toWellFormed());
/** Joined after encoding, as the writer does: a lone surrogate at a seam stays one. */
const encoded = (all: readonly string[]): Buffer => Buffer.concat(all.map((text) => Buffer.from(text)));

describe('WireWriter', () => {
  for (const framing of FRAMINGS) {
    describe(`with the framing ${framing}`, () => {
      it('writes identity as it is (property)', () => {
        fc.assert(
          fc.property(texts, thresholds, (all, threshold) => {
            const transport = written(all, 'identity', framing, threshold);
            expect(bodyOf(transport, transport.bytes)).toEqual(encoded(all));
          }),
        );
      });

      it('writes one gzip member, whatever is compressed in it and what stored (property)', () => {
        fc.assert(
          fc.property(texts, thresholds, (all, threshold) => {
            const transport = written(all, 'gzip', framing, threshold);
            expect(zlib.gunzipSync(bodyOf(transport, transport.bytes))).toEqual(encoded(all));
          }),
        );
      });

      it('gives a gzip client everything so far, after each write', async () => {
        const all = [
          'retry: 1\n\n',
          'data: small\n\n',
          `data: ${'x'.repeat(3_000)}\n\n`,
          LARGE,
          'data: z\n\n',
        ];
        const { writes, framing: own } = written(all, 'gzip', framing, 512);
        const gunzip = zlib.createGunzip();
        const end = once(gunzip, 'end');
        let got = '';
        gunzip.setEncoding('utf8').on('data', (text: string) => (got += text));
        for (const [index, bytes] of writes.entries()) {
          gunzip.write(own === 'chunked' ? unchunked(bytes) : bytes);
          await new Promise<void>((resolve) => gunzip.flush(zlib.constants.Z_SYNC_FLUSH, resolve));
          expect(got).toBe(all.slice(0, index + 1).join(''));
        }
        gunzip.end();
        await end;
      });

      for (const threshold of [0, 10_000_000]) {
        it(`writes texts beyond one block, threshold ${threshold}`, () => {
          const transport = written([LARGE, LARGE, 'data: x\n\n'], 'gzip', framing, threshold);
          expect(
            zlib.gunzipSync(bodyOf(transport, transport.bytes)).equals(said([LARGE, LARGE, 'data: x\n\n'])),
          ).toBe(true);
        });
      }

      it('ends a chunked body nowhere itself', () => {
        expect(written(['data: x\n\n'], 'gzip', framing, 0).text).not.toContain('0\r\n\r\n');
      });
    });
  }

  it('passes gzip -t', () => {
    const { bytes } = written(['data: x\n\n', LARGE, 'data: y\n\n'], 'gzip', 'none', 512);
    const { status, stderr } = spawnSync('gzip', ['-t'], { input: bytes });
    expect([status, stderr.toString()]).toEqual([0, '']);
  });

  it('shares what it writes with every other of its format', () => {
    const payload = new Payload('data: x\n\n');
    const transports = [new MemoryTransport('chunked'), new MemoryTransport('chunked')];
    for (const transport of transports) {
      const writer = new WireWriter(transport, 'gzip', 0);
      writer.start({}, `id: ${transports.indexOf(transport)}\n\n`);
      writer.write(payload);
    }
    const [one, other] = transports.map(({ writes }) => writes[1]);
    expect(one).toBe(other);
    expect(one).toBeDefined();
  });
});

const node = zstdSupported ? '' : ` (not before Node.js 22.15, this is ${process.version})`;

describe(`WireWriter with zstd${node}`, () => {
  if (!zstdDecompressSync) {
    it('is not offered', () => {
      expect(zstdSupported).toBe(false);
      expect(() => new Payload('x').piece({ framing: 'none', coding: 'zstd', thresholdBytes: 0 })).toThrow(
        '22.15',
      );
    });
    return;
  }

  // Frame by frame: Node's own decoder drops what follows the first (https://github.com/nodejs/node/issues/64741).
  const decoded = (transport: MemoryTransport): Buffer =>
    Buffer.concat(
      transport.writes
        .filter((bytes) => bytes.length > 0)
        .map((bytes) => zstdDecompressSync(bodyOf(transport, bytes))),
    );

  for (const framing of FRAMINGS) {
    it(`writes frames that are whole in themselves with the framing ${framing} (property)`, () => {
      fc.assert(
        fc.property(texts, thresholds, (all, threshold) => {
          expect(decoded(written(all, 'zstd', framing, threshold))).toEqual(encoded(all));
        }),
      );
    });

    it(`writes texts beyond one block with the framing ${framing}`, () => {
      const all = ['data: small\n\n', LARGE, 'data: z\n\n'];
      for (const threshold of [0, 512, 10_000_000]) {
        expect(decoded(written(all, 'zstd', framing, threshold)).equals(encoded(all))).toBe(true);
      }
    });
  }
});
