import { type RequestListener, type Server, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { ApiError, onUnauthorized, request } from './http.js';

let server: Server;

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const refusing = (status: number, body: string) =>
  serve((_request, response) => response.writeHead(status).end(body));

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

describe('request()', () => {
  it('sends JSON, and resolves with the JSON that it gets', async () => {
    const url = await serve((incoming, response) => {
      incoming.setEncoding('utf8').once('data', (body: string) => {
        response.end(JSON.stringify({ type: incoming.headers['content-type'], body }));
      });
    });
    await expect(request('POST', url, { body: { a: 1 } })).resolves.toEqual({
      type: 'application/json',
      body: '{"a":1}',
    });
    const csv = new Blob(['a;b'], { type: 'text/csv' });
    await expect(request('POST', url, { body: csv })).resolves.toEqual({ type: 'text/csv', body: 'a;b' });
  });

  it('resolves with nothing where there is nothing', async () => {
    await expect(request('DELETE', await refusing(204, ''))).resolves.toBeUndefined();
  });

  it.each([
    ['{"message":"No."}', ['No.']],
    ['{"message":["a is short","b is long"]}', ['a is short', 'b is long']],
    ['<h1>Bad Gateway</h1>', ['The server answered 502.']],
    ['{}', ['The server answered 502.']],
  ])('tells what the server says of its refusal: %s', async (body, messages) => {
    const error = await request('GET', await refusing(502, body)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 502, messages });
  });

  it('tells those who want to know that nobody is signed in', async () => {
    const listener = jest.fn();
    const stop = onUnauthorized(listener);
    const url = await refusing(401, '');
    await expect(request('GET', url)).rejects.toMatchObject({ status: 401 });
    stop();
    await expect(request('GET', url)).rejects.toMatchObject({ status: 401 });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('tells a server that is away from a request that was given up', async () => {
    const url = await serve((incoming) => incoming.socket.destroy());
    await expect(request('GET', url)).rejects.toMatchObject({ name: 'ApiError', status: 0 });
    await expect(request('GET', url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('takes an answer that breaks off for none', async () => {
    const url = await serve((incoming, response) => {
      response.writeHead(201, { 'content-length': 100 }).write('{"id":', () => incoming.socket.destroy());
    });
    await expect(request('POST', url, { body: {} })).rejects.toMatchObject({ name: 'ApiError', status: 0 });
  });
});
