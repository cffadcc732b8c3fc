import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Http1Transport } from './http1-transport.js';
import { whenOver } from './transport.js';

const CHUNKED_X = Buffer.from('1\r\nx\r\n');

let server: Server;
let client: Socket;
let exchange: Promise<[IncomingMessage, ServerResponse]>;

beforeEach(async () => {
  server = createServer();
  exchange = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
});

afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** The response to a request that the client sends. */
async function answering(version: string): Promise<Http1Transport> {
  client.write(`GET / ${version}\r\nHost: x\r\n\r\n`);
  return new Http1Transport(...(await exchange));
}

/** Fills the kernel's buffers with small writes, until some bytes, but fewer than the high-water mark, stay here. */
async function stuffed(headers: string): Promise<Http1Transport> {
  const transport = await answering(headers);
  expect(transport.framing).toBe(headers === 'HTTP/1.1' ? 'chunked' : 'none');
  transport.start({}, CHUNKED_X);
  await nextTurn();
  const kilobyte = Buffer.concat([Buffer.from('3e8\r\n'), Buffer.alloc(1_000, 'x'), Buffer.from('\r\n')]);
  for (let writes = 0; transport.bufferedBytes === 0 && writes < 100_000; writes += 1) {
    transport.write(kilobyte);
    await nextTurn();
  }
  expect(transport.bufferedBytes).toBeGreaterThan(0);
  expect(transport.needsDrain).toBe(false);
  return transport;
}

// What it is over real sockets is in test/transports.spec.ts and its neighbours; here is what needs a look inside.
describe('Http1Transport.onDrain', () => {
  for (const headers of ['HTTP/1.1', 'HTTP/1.0']) {
    it(`waits for all that is buffered, however little, over ${headers}`, async () => {
      const transport = await stuffed(headers);
      let drained = false;
      const done = new Promise<void>((resolve) => transport.onDrain(resolve)).then(() => (drained = true));
      await nextTurn();
      await nextTurn();
      expect(drained).toBe(false);
      client.resume();
      await done;
      expect(transport.bufferedBytes).toBe(0);
    });

    it(`ends the wait when the client goes, over ${headers}`, async () => {
      const transport = await stuffed(headers);
      const done = new Promise<void>((resolve) => transport.onDrain(resolve));
      client.resetAndDestroy();
      await done;
    });
  }

  it('calls back at once where nothing is buffered', async () => {
    const transport = await answering('HTTP/1.1');
    transport.start({}, CHUNKED_X);
    await nextTurn();
    await new Promise<void>((resolve) => transport.onDrain(resolve));
  });
});

describe('Http1Transport', () => {
  it.each([
    ['HTTP/1.1', 'chunked'],
    ['HTTP/1.0', 'none'],
  ])(
    'counts the bytes of the body over %s, and is over with the error it was cut off for',
    async (version, framing) => {
      const transport = await answering(version);
      expect(transport.framing).toBe(framing);
      expect(transport.sentBytes).toBe(0);
      transport.start({}, CHUNKED_X);
      transport.write(CHUNKED_X);
      transport.write(CHUNKED_X);
      expect(transport.sentBytes).toBe(3 * CHUNKED_X.length);
      transport.destroy(new Error('enough'));
      expect(await whenOver(transport)).toEqual(new Error('enough'));
    },
  );
});

describe('Http1Transport.progress', () => {
  it('tells of each part of one large write that the kernel has taken', async () => {
    const transport = await answering('HTTP/1.1');
    expect(transport.framing).toBe('chunked');
    transport.start({}, CHUNKED_X);
    await nextTurn();
    expect(transport.progress).toBeUndefined();
    const size = 32 * 1_024 * 1_024;
    transport.write(
      Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), Buffer.alloc(size), Buffer.from('\r\n')]),
    );
    await nextTurn();
    const { bufferedBytes, progress } = transport;
    expect(progress).toBeDefined();
    await nextTurn();
    client.resume();
    while (transport.progress === progress) {
      await nextTurn();
    }
    client.pause();
    expect(transport.bufferedBytes).toBe(bufferedBytes);
  });
});
