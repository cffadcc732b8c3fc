import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseError, type SseErrorCode, type SseEvent } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller('news')
class NewsController {
  @SseChannel()
  news() {
    return 'news';
  }
}

const cycle: { self?: object } = {};
cycle.self = cycle;
const throwing = {
  toJSON() {
    throw new Error('not today');
  },
};

const badEvents: [string, unknown, SseErrorCode][] = [
  ['LF in the type', { type: 'a\ndata: evil' }, 'INVALID_EVENT_TYPE'],
  ['CR in the type', { type: 'a\rdata: evil' }, 'INVALID_EVENT_TYPE'],
  ['CRLF at the end of the type', { type: 'a\r\n' }, 'INVALID_EVENT_TYPE'],
  ['NUL in the type', { type: 'a\0' }, 'INVALID_EVENT_TYPE'],
  ['the type error', { type: 'error', data: 1 }, 'INVALID_EVENT_TYPE'],
  ['the type open', { type: 'open', data: 1 }, 'INVALID_EVENT_TYPE'],
  ['a control type', { type: 'sse:gap', data: 1 }, 'INVALID_EVENT_TYPE'],
  ['a type that is no string', { type: 7 }, 'INVALID_EVENT_TYPE'],
  ['a negative retryMs', { data: 1, retryMs: -1 }, 'INVALID_RETRY'],
  ['a fraction as retryMs', { data: 1, retryMs: 1.5 }, 'INVALID_RETRY'],
  ['NaN as retryMs', { data: 1, retryMs: Number.NaN }, 'INVALID_RETRY'],
  ['Infinity as retryMs', { data: 1, retryMs: Number.POSITIVE_INFINITY }, 'INVALID_RETRY'],
  ['a string as retryMs', { data: 1, retryMs: '1\n\ndata: evil' }, 'INVALID_RETRY'],
  ['a BigInt', { data: { big: 1n } }, 'INVALID_EVENT_DATA'],
  ['a cycle', { data: cycle }, 'INVALID_EVENT_DATA'],
  ['a toJSON() that throws', { data: throwing }, 'INVALID_EVENT_DATA'],
  ['a function', { data: () => 1 }, 'INVALID_EVENT_DATA'],
  ['a symbol', { data: Symbol('x') }, 'INVALID_EVENT_DATA'],
  ['an id', { data: 1, id: 'mine' }, 'INVALID_EVENT_ID'],
  ['a key that is no string', { data: 1, key: 7 }, 'INVALID_EVENT_KEY'],
  ['null in place of an event', null, 'INVALID_EVENT_DATA'],
  ['a string in place of an event', 'text', 'INVALID_EVENT_DATA'],
];

const badNames: [string, unknown][] = [
  ['empty', ''],
  ['no string', 42],
  ['LF', 'news\n'],
  ['CR', 'news\r'],
  ['NUL', 'news\0'],
  ['a tab', 'ne\tws'],
  ['DEL', 'news\u007f'],
  ['a C1 control', 'news\u0085'],
  ['a lone surrogate', 'news\ud800'],
  ['256 letters', 'n'.repeat(256)],
  ['256 bytes of 128 letters', 'ž'.repeat(128)],
];

const seqOf = (id: string): number => Number(id.slice(id.indexOf('.') + 1));

describe.each(adapters)('a publish() that is refused, on %s [W1]', (adapter) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp(adapter, { controllers: [NewsController] });
  });
  afterEach(() => app.close());

  const refusal = async (name: unknown, event: unknown): Promise<unknown> => {
    try {
      return await app.channels.publish(name as string, event as SseEvent);
    } catch (error) {
      return error;
    }
  };

  it.each(badEvents)('%s: a typed error, and nothing of it reaches anybody', async (_what, event, code) => {
    const [one, other] = await Promise.all([app.open('/news'), app.open('/news')]);
    await Promise.all([one.connectionId(), other.connectionId()]);

    // In the same turn, so that it would be in the same batch.
    const [before, error, after] = await Promise.all([
      app.channels.publish('news', { data: 'before' }),
      refusal('news', event),
      app.channels.publish('news', { data: 'after' }),
    ]);
    expect(error).toBeInstanceOf(SseError);
    expect(error).toMatchObject({ name: 'SseError', code });
    expect(seqOf(after)).toBe(seqOf(before) + 1);

    for (const stream of [one, other]) {
      await stream.take(2);
      const texts = stream.frames.slice(-3).map(({ text }) => text);
      expect(texts[0]).toMatch(/^id: \S+\n\n$/);
      expect(texts.slice(1)).toEqual([`id: ${before}\ndata: before\n\n`, `id: ${after}\ndata: after\n\n`]);
    }
    expect(app.channels.stats()).toMatchObject({ published: 2, delivered: 4, connections: 2 });
  });

  it.each(badNames)('a channel name with %s', async (_what, name) => {
    const stream = await app.open('/news');
    await stream.connectionId();
    expect(await refusal(name, { data: 'evil' })).toMatchObject({
      name: 'SseError',
      code: 'INVALID_CHANNEL_NAME',
    });
    const id = await app.channels.publish('news', { data: 'good' });
    expect(await stream.next()).toMatchObject({ data: 'good', id });
    expect(seqOf(id)).toBe(1);
  });

  it('a name of 255 bytes, spaces and any letters, is used exactly as given', async () => {
    const name = `${'ž'.repeat(110)} / ../%0a😀`.padEnd(143, ' ');
    expect(Buffer.byteLength(name)).toBe(255);
    const first = firstValueFrom(app.channels.channel(name).events$);
    await app.channels.publish(name.trimEnd(), { data: 'not here' });
    await app.channels.publish(name.normalize('NFD').slice(0, 100), { data: 'not here' });
    await app.channels.publish(name, { data: 'here' });
    expect(await first).toMatchObject({ channel: name, data: 'here' });
  });

  it('what the application changes after publish() does not change the event', async () => {
    const stream = await app.open('/news');
    await stream.connectionId();
    const data = { value: 'as published' };
    const published = app.channels.publish('news', { data });
    data.value = 'changed';
    await published;
    expect((await stream.next()).data).toBe('{"value":"as published"}');
  });
});
