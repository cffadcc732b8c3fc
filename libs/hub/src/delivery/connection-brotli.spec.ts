import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { LifecycleEvent } from '../lifecycle-event.js';
import { quiet, request, setUpHub } from '../spec-support/hub-fixture.js';
import { ThrowingTransport } from '../spec-support/throwing-transport.js';
import { whenOver } from '../transport/transport.js';

const brotli = {
  ...quiet,
  coding: 'br' as const,
  negotiated: true,
  compression: { encodings: ['br' as const], thresholdBytes: 0 },
};
const LONG = 'the same words again '.repeat(500);

describe('a connection with Brotli', () => {
  it('counts what goes over the wire, to the last byte', async () => {
    const { hub } = setUpHub();
    const { connection, transport } = request(hub);
    connection.begin(brotli);
    expect(transport.headers).toMatchObject({ 'Content-Encoding': 'br', Vary: 'Accept-Encoding' });
    connection.send({ data: LONG });
    await connection.drained();
    expect(connection.bytes).toBe(transport.bytes.length);
    expect(connection.bytes).toBeGreaterThan(0);
    connection.close();
    await whenOver(connection.transport);
    expect(brotliDecompressSync(transport.bytes).toString()).toMatch(
      /^retry: 3000\n\n.*\n.*\n\ndata: (the same words again )+\n\nevent: sse:goodbye\n.*\n\n$/,
    );
    expect(connection.bytes).toBe(transport.bytes.length);
    expect(connection.bytes).toBeLessThan(LONG.length / 10);
    expect(hub.stats().bytes).toBe(connection.bytes);
  });

  it('waits for its encoder before it takes more', async () => {
    const { hub } = setUpHub();
    const { connection } = request(hub);
    connection.begin({
      ...brotli,
      overflow: { maxBufferedBytes: 1_000_000, policy: 'disconnect', stallMs: 0 },
    });
    await connection.drained();
    expect(connection.writable()).toBeUndefined();
    connection.send({ data: LONG.repeat(20) });
    await connection.writable();
    expect(connection.transport.bufferedBytes).toBe(0);
    connection.send({ data: LONG.repeat(200) });
    connection.send({ data: 'one more than may wait' });
    expect(connection.closeReason).toBe('overflow');
  });

  it('ends with the reason error when what it has compressed can not be written', async () => {
    const { hub, errors } = setUpHub();
    const closes: LifecycleEvent[] = [];
    hub.lifecycle$.subscribe((event) => closes.push(event));
    const transport = new ThrowingTransport();
    const { connection } = request(hub, { transport });
    connection.begin(brotli);
    await connection.drained();
    transport.throws = true;
    connection.send({ data: 'x' });
    await whenOver(connection.transport);
    expect(connection.closeReason).toBe('error');
    expect(closes.at(-1)).toMatchObject({ kind: 'close', reason: 'error' });
    expect(errors).toEqual([`the stream of the connection ${connection.id}: Error: wrapped by someone`]);
  });
});
