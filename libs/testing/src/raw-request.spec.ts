import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalServer } from './local-server.fixture.js';
import { rawRequest } from './raw-request.js';

describe('rawRequest', () => {
  let server: LocalServer;
  beforeEach(async () => {
    server = await LocalServer.start((request, response) => response.end(`you asked for ${request.url}`));
  });
  afterEach(() => server.stop());

  it('writes the text as it is and shows the bytes that come back', async () => {
    const exchange = rawRequest({ port: server.port, text: 'GET /a HTTP/1.0\r\n\r\n' });
    await exchange.closed;
    expect(exchange.text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(exchange.bytes.toString()).toMatch(/\r\n\r\nyou asked for \/a$/);
  });

  it('reads on the same connection, request by request', async () => {
    const head = 'Host: x\r\n\r\n';
    const exchange = rawRequest({
      port: server.port,
      text: `GET /1 HTTP/1.1\r\n${head}GET /2 HTTP/1.1\r\n${head}`,
    });
    await exchange.readUntil('asked for /2');
    exchange.write(`GET /3 HTTP/1.1\r\n${head}`);
    const text = await exchange.readUntil((all) => all.split('HTTP/1.1 200').length === 4);
    expect(text.match(/for \/\d/g)).toEqual(['for /1', 'for /2', 'for /3']);
    exchange.destroy();
    await exchange.closed;
  });

  it('says what came instead', async () => {
    const open = rawRequest({ port: server.port, text: 'GET /' });
    await expect(open.readUntil('never', 5)).rejects.toThrow(
      '"never" has not come within 5 ms. Received: ""',
    );
    open.destroy();
    const done = rawRequest({ port: server.port, text: 'nonsense\r\n\r\n' });
    await expect(done.readUntil('200 OK')).rejects.toThrow(
      /closed before "200 OK" came. Received: .*400 Bad Request/,
    );
  });

  it('tells why the connection failed', async () => {
    const { port } = server;
    await server.stop();
    const exchange = rawRequest({ port, text: 'GET / HTTP/1.0\r\n\r\n' });
    await expect(exchange.readUntil('x')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    server = await LocalServer.start(() => undefined);
  });
});
