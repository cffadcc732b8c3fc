import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type BrotliCompress, brotliDecompressSync, constants, createBrotliCompress } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Framing } from '../protocol/payload.js';
import { unchunked } from '../spec-support/chunked-body.js';
import { MemoryTransport } from '../spec-support/memory-transport.js';
import { BrotliTransport } from './brotli-transport.js';
import { whenOver } from './transport.js';

const FRAMINGS: Framing[] = ['none', 'chunked'];
const HEADERS = { 'Content-Encoding': 'br' };

const texts = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 20_000 })), {
  minLength: 1,
  maxLength: 12,
});

const bodyOf = ({ framing, bytes }: MemoryTransport): Buffer =>
  framing === 'chunked' ? unchunked(bytes) : bytes;

/** What a client can show of a body that hasn't ended. */
const soFar = (inner: MemoryTransport): string =>
  brotliDecompressSync(bodyOf(inner), { finishFlush: constants.BROTLI_OPERATION_FLUSH }).toString();

const drained = (transport: BrotliTransport): Promise<void> =>
  new Promise((resolve) => transport.onDrain(resolve));

class ThrowingTransport extends MemoryTransport {
  throwsAt: 'write' | 'end' | undefined;

  override write(bytes: Buffer): void {
    this.fail('write');
    super.write(bytes);
  }

  override end(last: Buffer): void {
    this.fail('end');
    super.end(last);
  }

  private fail(where: 'write' | 'end'): void {
    if (this.throwsAt === where) {
      throw new Error('wrapped by someone');
    }
  }
}

describe.each(FRAMINGS)('BrotliTransport over the framing %s', (framing) => {
  it('ends as one whole Brotli stream of all that was written (property)', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async ([first = '', ...rest]) => {
        const inner = new MemoryTransport(framing);
        const transport = new BrotliTransport(inner);
        transport.start(HEADERS, Buffer.from(first));
        rest.forEach((text) => transport.write(Buffer.from(text)));
        transport.end(Buffer.from('last'));
        expect(await whenOver(transport)).toBeUndefined();
        const said = Buffer.concat([first, ...rest, 'last'].map((text) => Buffer.from(text)));
        expect(brotliDecompressSync(bodyOf(inner))).toEqual(said);
        expect(transport.sentBytes).toBe(inner.bytes.length);
      }),
      { numRuns: 50 },
    );
  });

  it('gives a client everything so far, after each write (property)', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (all) => {
        const inner = new MemoryTransport(framing);
        const transport = new BrotliTransport(inner);
        transport.start(HEADERS, Buffer.from('begun '));
        let said = 'begun ';
        for (const text of all) {
          const bytes = Buffer.from(text);
          transport.write(bytes);
          said += bytes.toString();
          await drained(transport);
          expect(soFar(inner)).toBe(said);
        }
        transport.destroy();
      }),
      { numRuns: 50 },
    );
  });

  it('sends the headers at once', () => {
    const inner = new MemoryTransport(framing);
    const transport = new BrotliTransport(inner);
    transport.start(HEADERS, Buffer.from('first'));
    expect(transport.framing).toBe('none');
    expect(inner.headers).toEqual(HEADERS);
    transport.destroy();
  });
});

describe('BrotliTransport', () => {
  let transport: BrotliTransport;
  let encoder: BrotliCompress;

  /** Begun, with its first bytes sent. */
  async function begun<T extends MemoryTransport>(inner: T): Promise<T> {
    encoder = createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH });
    transport = new BrotliTransport(inner, encoder);
    transport.start(HEADERS, Buffer.from('first'));
    await drained(transport);
    return inner;
  }

  afterEach(() => transport.destroy());

  it('counts what waits in the encoder, and drains when both have', async () => {
    const inner = await begun(new MemoryTransport());
    expect([transport.bufferedBytes, transport.needsDrain]).toEqual([0, false]);
    const piece = randomBytes(encoder.writableHighWaterMark);
    transport.write(piece);
    expect(inner.bufferedBytes).toBe(0);
    expect(transport.bufferedBytes).toBe(piece.length);
    expect(transport.needsDrain).toBe(true);
    await drained(transport);
    expect([transport.bufferedBytes, transport.needsDrain]).toEqual([0, false]);
  });

  it('waits for the client once the encoder is through', async () => {
    const inner = await begun(new MemoryTransport());
    inner.stall();
    transport.write(randomBytes(20_000));
    let done = false;
    const wait = drained(transport).then(() => (done = true));
    while (encoder.writableLength > 0) {
      await nextTurn();
    }
    await nextTurn();
    expect(transport.bufferedBytes).toBe(inner.bufferedBytes);
    expect(transport.bufferedBytes).toBeGreaterThan(20_000);
    expect([transport.needsDrain, done]).toEqual([true, false]);
    inner.resume();
    await wait;
    expect([transport.bufferedBytes, transport.needsDrain]).toEqual([0, false]);
  });

  it('frees the encoder and ends all waits when the client goes while it works', async () => {
    const inner = await begun(new MemoryTransport());
    transport.write(randomBytes(100_000));
    const [sent, freed, wait] = [inner.bytes.length, once(encoder, 'close'), drained(transport)];
    inner.hangUp();
    await Promise.all([freed, wait]);
    expect(encoder.destroyed).toBe(true);
    expect(inner.bytes).toHaveLength(sent);
    transport.write(Buffer.from('too late'));
    await drained(transport);
  });

  it('frees the encoder when it is cut off', async () => {
    await begun(new MemoryTransport());
    const freed = once(encoder, 'close');
    transport.destroy(new Error('enough'));
    expect(await whenOver(transport)).toEqual(new Error('enough'));
    await freed;
  });

  it('frees the encoder at the end, which a client may take its time to read', async () => {
    const inner = await begun(new MemoryTransport());
    inner.stall();
    const freed = once(encoder, 'close');
    transport.end(Buffer.from(' and last'));
    await freed;
    expect(brotliDecompressSync(inner.bytes).toString()).toBe('first and last');
    const wait = drained(transport);
    inner.resume();
    await wait;
    expect(await whenOver(transport)).toBeUndefined();
  });

  it('is over with the error of its encoder', async () => {
    const inner = await begun(new MemoryTransport());
    encoder.destroy(new Error('out of memory'));
    expect(await whenOver(transport)).toEqual(new Error('out of memory'));
    expect(inner.destroyed).toBe(true);
  });

  it.each(['write', 'end'] as const)('is over with the error of a response that throws at %s', async (at) => {
    const inner = await begun(new ThrowingTransport());
    inner.throwsAt = at;
    const freed = once(encoder, 'close');
    transport.end(Buffer.from('last'));
    expect(await whenOver(transport)).toEqual(new Error('wrapped by someone'));
    await freed;
  });
});
