import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { SseClient } from './sse-client.js';
import { take, useClients, whenSnapshot, whenStatus } from './spec-support/fixture.js';

const { serve, connect } = useClients();
const body = [
  'event: sse:connected\ndata: {"connectionId":"c","heartbeatMs":15000}',
  'id: 1\nevent: added\ndata: {"n":1}',
  'event: text\ndata: two\ndata: lines',
  'event: sse:gap\ndata: {"reason":"trimmed","channels":["a"],"id":"5"}',
  'event: sse:heartbeat\ndata: {"at":1}',
  'id: 6',
  'id: 7\nevent: added\ndata: {"n":2}',
].join('\n\n');
const served = { body: `${body}\n\n`, ending: 'stay' as const };
const seven = (client: SseClient) => whenSnapshot(client, ({ event }) => event?.id === '7');

describe('listeners', () => {
  it('get what they have asked for, and "*" all of the application’s', async () => {
    const client = connect(await serve(served));
    const seen: unknown[] = [];
    const note = (by: string) => (event: object) => void seen.push([by, event]);
    client
      .on('open', note('open'))
      .on('added', note('added'))
      .on('sse:connected', note('connected'))
      .on('sse:gap', note('gap'))
      .on('sse:heartbeat', note('heartbeat'))
      .on('*', note('all'));
    await seven(client);
    expect(seen).toEqual([
      ['open', { type: 'open', data: undefined, id: '' }],
      ['connected', { type: 'sse:connected', data: { connectionId: 'c', heartbeatMs: 15_000 }, id: '' }],
      ['all', { type: 'added', data: { n: 1 }, id: '1' }],
      ['added', { type: 'added', data: { n: 1 }, id: '1' }],
      ['all', { type: 'text', data: 'two\nlines', id: '1' }],
      ['gap', { type: 'sse:gap', data: { reason: 'trimmed', channels: ['a'], id: '5' }, id: '1' }],
      ['heartbeat', { type: 'sse:heartbeat', data: { at: 1 }, id: '1' }],
      ['all', { type: 'added', data: { n: 2 }, id: '7' }],
      ['added', { type: 'added', data: { n: 2 }, id: '7' }],
    ]);
  });

  it('go by off(), and by what listen() returns', async () => {
    const client = connect(await serve(served));
    const seen: string[] = [];
    const off = () => void seen.push('off');
    const stop = client.listen('added', () => void seen.push('listen'));
    client.on('added', off).on('text', () => {
      client.off('added', off);
      stop();
    });
    await seven(client);
    expect(seen).toEqual(['listen', 'off']);
  });

  it('that come or go in a dispatch are not called in it', async () => {
    const client = connect(await serve(served));
    const seen: string[] = [];
    const gone = () => void seen.push('gone');
    client
      .on('text', () => {
        client.off('text', gone).on('text', () => void seen.push('come'));
      })
      .on('text', gone);
    await seven(client);
    expect(seen).toEqual([]);
  });

  it('hear of a gap by an option', async () => {
    const gaps: unknown[] = [];
    await seven(connect(await serve(served), { onGap: (gap) => gaps.push(gap) }));
    expect(gaps).toEqual([{ reason: 'trimmed', channels: ['a'], id: '5' }]);
  });

  it('get data as parse() makes it', async () => {
    const client = connect(await serve(served), { parse: (text, type) => `${type}: ${text}` });
    expect((await take(client, 2)).map(({ data }) => data)).toEqual(['added: {"n":1}', 'text: two\nlines']);
  });

  it('are told of data that parse() can’t read, and only that event is lost', async () => {
    const client = connect(await serve(served), { parse: (text) => JSON.parse(text) as unknown });
    const errors: unknown[] = [];
    client.on('error', ({ data }) => errors.push(data));
    expect((await take(client, 2)).map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(errors).toMatchObject([{ code: 'INVALID_DATA', message: 'INVALID_DATA: text' }]);
  });

  it('are told of a control event that nobody can read', async () => {
    const bad = 'event: sse:connected\ndata: {\n\nevent: sse:gap\ndata: {\n\n';
    const client = connect(await serve({ ...served, body: bad + served.body }));
    const errors: unknown[] = [];
    client.on('error', ({ data }) => errors.push(data.message));
    await seven(client);
    expect(errors).toEqual(['INVALID_DATA: sse:connected', 'INVALID_DATA: sse:gap']);
  });
});

describe('what a listener throws', () => {
  const uncaught: unknown[] = [];
  const report = globalThis.queueMicrotask;
  afterEach(() => {
    globalThis.queueMicrotask = report;
  });

  it('hurts no other, and is reported as uncaught', async () => {
    const client = connect(await serve(served));
    await whenStatus(client, 'connecting');
    // In place of the process, which would end of it.
    jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => {
      report(() => {
        try {
          task();
        } catch (error) {
          uncaught.push(error);
        }
      });
    });
    const heard: unknown[] = [];
    client.on('text', boom).on('text', ({ data }) => heard.push(data));
    const stop = client.subscribe(() => {
      stop();
      boom();
    });
    await seven(client);
    expect(heard).toEqual(['two\nlines']);
    expect(uncaught).toEqual([new Error('boom'), new Error('boom')]);
  });
});

describe('the snapshot', () => {
  it('is the same object until something changes, and has the event before listeners do', async () => {
    const client = connect(await serve(served));
    const before = client.getSnapshot();
    expect(client.getSnapshot()).toBe(before);
    let changes = 0;
    const stop = client.subscribe(() => (changes += 1));
    client.on('text', (event) => expect(client.getSnapshot().event).toBe(event));
    await seven(client);
    const after = client.getSnapshot();
    expect(after).not.toBe(before);
    expect(before.event).toBeUndefined();
    expect(changes).toBe(4);
    stop();
    client.close();
    expect(changes).toBe(4);
    const closed = client.getSnapshot();
    client.close();
    expect(client.getSnapshot()).toBe(closed);
  });
});

it('methods can be taken off the client', async () => {
  const { on, open, close, subscribe, getSnapshot, stats } = connect(await serve(served), { manual: true });
  const opened = new Promise((resolve) => on('open', resolve));
  subscribe(() => undefined);
  open();
  await opened;
  close();
  expect(getSnapshot().status).toBe('closed');
  expect(stats().opens).toBe(1);
});

function boom(): never {
  throw new Error('boom');
}
