import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ChatServer } from '../spec-support/chat-server.js';
import { ModelError } from './model-error.js';
import { OpenAiModel } from './openai-model.js';

const KEY = 'sk-very-secret';
let server: ChatServer;
beforeAll(async () => {
  server = await ChatServer.start();
});
afterAll(() => server.close());

const model = (silenceMs?: number, apiKey: string | undefined = KEY): OpenAiModel =>
  new OpenAiModel({ kind: 'openai', baseUrl: server.baseUrl, apiKey, model: 'small' }, silenceMs);

const never = new AbortController().signal;

async function all(pieces: AsyncIterable<string>): Promise<string[]> {
  const collected: string[] = [];
  for await (const piece of pieces) {
    collected.push(piece);
  }
  return collected;
}

/** What it throws, and what it has said before. */
async function failureOf(pieces: AsyncIterable<string>): Promise<{ said: string[]; error: ModelError }> {
  const said: string[] = [];
  try {
    for await (const piece of pieces) {
      said.push(piece);
    }
  } catch (error) {
    return { said, error: error as ModelError };
  }
  throw new Error('It has come to its end.');
}

describe('OpenAiModel', () => {
  it('asks the model, with the key, and yields each piece when it comes', async () => {
    const pieces = model().generate('What is SSE?', never)[Symbol.asyncIterator]();
    const first = pieces.next();
    const request = await server.next();
    expect(request.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(request.body).toMatchObject({ model: 'small', stream: true });
    expect(request.prompt).toBe('What is SSE?');
    request.say('A stream');
    expect(await first).toEqual({ value: 'A stream', done: false });
    request.say('', ' of events');
    expect(await pieces.next()).toEqual({ value: ' of events', done: false });
    request.finish();
    expect(await pieces.next()).toMatchObject({ done: true });
  });

  it.each([
    [400, 'REFUSED'],
    [401, 'UNAUTHORIZED'],
    [403, 'UNAUTHORIZED'],
    [404, 'REFUSED'],
    [429, 'BUSY'],
    [500, 'FAILED'],
    [503, 'FAILED'],
  ])(
    'says of an answer with %i that it is %s, asks once, and repeats no word of it',
    async (status, code) => {
      const failure = failureOf(model().generate('Hello', never));
      (await server.next()).refuse(status, `Incorrect API key provided: ${KEY}`);
      const { error } = await failure;
      expect(error).toBeInstanceOf(ModelError);
      expect([error.code, error.status]).toEqual([code, status]);
      expect(`${error.stack} ${String(error.cause)}`).not.toContain(KEY);
    },
  );

  it('says that a server can’t be reached', async () => {
    const gone = await ChatServer.start();
    const { baseUrl } = gone;
    await gone.close();
    const unreachable = new OpenAiModel({ kind: 'openai', baseUrl, apiKey: KEY, model: 'small' });
    const { error } = await failureOf(unreachable.generate('Hello', never));
    expect(error.code).toBe('UNREACHABLE');
  });

  it.each([
    ['breaks', (request: { breakOff(): void }) => request.breakOff()],
    ['ends too early', (request: { end(): void }) => request.end()],
  ])('tells a stream that %s from an answer’s end, and keeps what was said', async (_how, cut) => {
    const pieces = model().generate('Hello', never)[Symbol.asyncIterator]();
    const first = pieces.next();
    const request = await server.next();
    request.say('Half');
    expect(await first).toEqual({ value: 'Half', done: false });
    cut(request);
    await expect(pieces.next()).rejects.toMatchObject({ code: 'CUT_OFF' });
  });

  it('waits for a silent server no longer than it may, before the answer and in it', async () => {
    const silent = failureOf(model(20).generate('Hello', never));
    const request = await server.next();
    await request.left;
    expect((await silent).error.code).toBe('TIMEOUT');

    const falling = failureOf(model(200).generate('Hello', never));
    const other = await server.next();
    other.say('Half');
    await other.left;
    expect(await falling).toMatchObject({ said: ['Half'], error: { code: 'TIMEOUT' } });
  });

  it.each(['before the answer', 'in it'])('closes its request when it is aborted %s', async (when) => {
    const stop = new AbortController();
    const pieces = all(model().generate('Hello', stop.signal));
    const request = await server.next();
    if (when === 'in it') {
      request.say('Half');
    }
    stop.abort();
    await request.left;
    expect((await pieces).join('')).toMatch(/^(Half)?$/);
  });

  it('closes its request when whoever reads leaves', async () => {
    const pieces = model().generate('Hello', never);
    const first = pieces.next();
    const request = await server.next();
    request.say('Half');
    await first;
    await pieces.return(undefined);
    await request.left;
  });
});
