import { describe, expect, it } from '@jest/globals';
import type { SseClientOptions } from './options.js';
import { createSseClient } from './sse-client.js';
import { SseClientError } from './sse-client-error.js';
import { take, useClients, whenStatus } from './spec-support/fixture.js';

const { serve, connect } = useClients();
const one = { body: 'retry: 0\n\nid: ü1\ndata: 1\n\n' };

describe('a request', () => {
  it('is a GET for an event stream', async () => {
    const server = await serve(one);
    await take(connect(server), 1);
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      body: '',
      headers: { accept: 'text/event-stream' },
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('last-event-id');
    expect(server.requests[0]?.headers).not.toHaveProperty('prefer');
  });

  it('has a method, headers and a body', async () => {
    const server = await serve(one);
    const headers = new Headers({ 'X-Trace': 't', Accept: 'text/html' });
    await take(connect(server, { method: 'POST', body: '{"ask":1}', headers }), 1);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      body: '{"ask":1}',
      headers: { 'x-trace': 't', accept: 'text/event-stream' },
    });
  });

  it('is made of what functions return for each attempt', async () => {
    const server = await serve({ status: 503 }, one);
    const attempts: unknown[] = [];
    const client = connect(server, {
      method: 'PUT',
      headers: async (attempt) => {
        attempts.push(attempt);
        return { authorization: `token ${attempts.length}` };
      },
      body: ({ number }) => new Blob([`body ${number}`]).stream(),
    });
    await take(client, 2);
    client.close();
    expect(attempts.slice(0, 3)).toMatchObject([
      { number: 0, lastEventId: '', error: undefined },
      { number: 1, lastEventId: '', error: { code: 'HTTP_STATUS', status: 503 } },
      { number: 0, lastEventId: 'ü1', error: { code: 'NETWORK' } },
    ]);
    expect(server.requests.slice(0, 3).map(({ headers, body }) => [headers.authorization, body])).toEqual([
      ['token 1', 'body 0'],
      ['token 2', 'body 1'],
      ['token 3', 'body 0'],
    ]);
  });

  it('tells the last event id as UTF-8', async () => {
    const server = await serve(one);
    await take(connect(server), 2);
    const { headers } = await server.request(2);
    expect(Buffer.from(String(headers['last-event-id']), 'latin1').toString()).toBe('ü1');
  });

  it('is made by the fetch that is given', async () => {
    const server = await serve(one);
    const urls: string[] = [];
    const client = connect('http://stream.invalid/', {
      fetch(url, init) {
        urls.push(url);
        return fetch(server.url, init);
      },
    });
    await take(client, 1);
    expect(urls).toEqual(['http://stream.invalid/']);
  });
});

describe('a function that throws', () => {
  it.each<[string, SseClientOptions]>([
    ['for headers', { headers: () => Promise.reject(new Error('no token')) }],
    [
      'for a body',
      {
        method: 'POST',
        body: () => {
          throw new Error('no token');
        },
      },
    ],
  ])('%s is a failed attempt', async (_name, options) => {
    const server = await serve(one);
    const client = connect(server, { ...options, backoff: { baseMs: 0, maxAttempts: 2 } });
    const errors: SseClientError[] = [];
    client.on('error', ({ data }) => errors.push(data));
    await whenStatus(client, 'closed');
    expect(errors).toMatchObject([
      { code: 'REQUEST_FAILED', cause: { message: 'no token' } },
      { code: 'MAX_RECONNECT_REACHED', cause: { code: 'REQUEST_FAILED' } },
    ]);
    expect(server.requests).toHaveLength(0);
  });
});

describe('what is no request', () => {
  it.each<[string, string, SseClientOptions]>([
    ['no URL', 'http://s3cret:99999/', {}],
    ['a relative URL where there is no page', '/stream?ticket=s3cret', {}],
    ['a URL with a password', 'http://me:s3cret@127.0.0.1/', {}],
    ['a header that may not be', 'http://127.0.0.1/', { headers: { authorization: 's3cret\nx: y' } }],
    ['a method that may not be', 'http://127.0.0.1/', { method: 'TRACE' }],
    ['a body with GET', 'http://127.0.0.1/?s3cret', { body: 's3cret' }],
    ['a body that has been read', 'http://127.0.0.1/', { method: 'POST', body: readBody() }],
  ])('%s ends it, and the error keeps the secret', async (_name, url, options) => {
    const client = createSseClient(url, options);
    const { error } = await whenStatus(client, 'closed');
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    expect(`${error?.stack} ${JSON.stringify(error)} ${String(error?.cause)}`).not.toContain('s3cret');
  });

  it('HEAD, which has no stream, ends it', async () => {
    const server = await serve({ body: '' });
    const client = connect(server, { method: 'HEAD' });
    expect((await whenStatus(client, 'closed')).error?.code).toBe('NOT_AN_EVENT_STREAM');
  });
});

describe('options', () => {
  it.each<[string, SseClientOptions]>([
    ['baseMs is NaN', { backoff: { baseMs: NaN } }],
    ['maxMs is -1', { backoff: { maxMs: -1 } }],
    ['maxAttempts is NaN', { backoff: { maxAttempts: NaN } }],
    ['openTimeoutMs is -5', { openTimeoutMs: -5 }],
    ['maxEventLength is NaN', { maxEventLength: NaN }],
    ['heartbeatMs is x', { heartbeatMs: 'x' as never }],
  ])('%s: refused', (message, options) => {
    expect(() => createSseClient('http://127.0.0.1/', options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: `INVALID_OPTION: ${message}` }),
    );
  });

  it('that are undefined are those that are left out', async () => {
    const server = await serve(one);
    await take(connect(server, { openTimeoutMs: undefined, backoff: { baseMs: 0, maxMs: undefined } }), 2);
  });

  it('a relative URL makes a client wherever it is not opened', () => {
    expect(createSseClient('/stream', { manual: true }).getSnapshot().status).toBe('closed');
  });
});

function readBody(): ReadableStream {
  const stream = new Blob(['s3cret']).stream();
  stream.getReader();
  return stream;
}
