import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseChannelRegistry } from '@nestcast/sse';
import { Controller, Param } from '@nestjs/common';
import { of } from 'rxjs';
import request from 'supertest';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const letters = [{ type: 'letter', data: 'a' }, { data: 'b' }];

async function* generate() {
  yield* letters;
}

function* generateAtOnce() {
  yield* letters;
}

/** What a handler returns to subscribe the client, and the channels that it gets then. */
const subscribing: Record<string, (channels: SseChannelRegistry) => unknown> = {
  name: () => 'a',
  names: () => ['a', 'b'],
  channel: (channels) => channels.channel('a'),
  channels: (channels) => [channels.channel('a'), channels.channel('b')],
  mixed: (channels) => ['a', channels.channel('b')],
  twice: (channels) => ['a', channels.channel('a'), 'a'],
};

const streaming: Record<string, () => unknown> = {
  observable: () => of(...letters),
  'async-generator': generate,
  generator: generateAtOnce,
  'async-iterable': () => ({ [Symbol.asyncIterator]: () => generate() }),
  iterable: () => new Set(letters),
};

const refused: Record<string, () => unknown> = {
  number: () => 42,
  undefined: () => undefined,
  null: () => null,
  boolean: () => true,
  'empty-object': () => ({}),
  'empty-list': () => [],
  'list-of-numbers': () => [1],
  'list-of-events': () => letters,
  'list-with-a-hole': () => ['a', undefined],
  function: () => () => 'a',
};

@Controller()
class ResultsController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @SseChannel('now/:result')
  now(@Param('result') result: string): unknown {
    return { ...subscribing, ...streaming, ...refused }[result]?.(this.channels);
  }

  @SseChannel('later/:result')
  async later(@Param('result') result: string): Promise<unknown> {
    await Promise.resolve();
    return this.now(result);
  }

  @SseChannel('start')
  start() {
    return this.channels.channel('a').fromStart();
  }

  @SseChannel('start-of-two')
  startOfTwo() {
    return [this.channels.channel('a').fromStart(), 'b'];
  }

  @SseChannel('thenable')
  thenable(): unknown {
    // A lazy query builder is no promise, but can be awaited like one.
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    return { then: (resolve: (value: string) => void) => resolve('a') };
  }
}

const when = ['now', 'later'];
const paths = (results: object): string[] =>
  when.flatMap((time) => Object.keys(results).map((name) => `/${time}/${name}`));

describe.each(adapters)("a handler's result on %s", (adapter) => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startApp(adapter, { controllers: [ResultsController] });
  });
  afterEach(() => app.close());

  it.each(paths(subscribing))('%s subscribes the client', async (path) => {
    const stream = await app.open(path);
    await stream.connectionId();
    await app.channels.publish('c', { data: 'not for it' });
    const first = await app.channels.publish('a', { data: 1 });
    const second = await app.channels.publish('b', { data: 2 });
    const third = await app.channels.publish('a', { data: 3 });
    const hasB = /names|channels|mixed/.test(path);
    const expected = hasB ? [first, second, third] : [first, third];
    const events = await stream.take(expected.length);
    expect(events.map(({ id }) => id)).toEqual(expected);
  });

  it.each(paths(streaming))('%s is a stream of its own', async (path) => {
    const stream = await app.open(path);
    expect(await stream.take(2)).toMatchObject([
      { type: 'letter', data: 'a', id: '' },
      { type: 'message', data: 'b', id: '' },
    ]);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(await stream.ended).toBe('end');
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0 });
  });

  it.each(paths(refused))('%s is refused, and the log says what was expected', async (path) => {
    const answer = await request(app.url).get(path).expect(500);
    expect(answer.body).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect(app.logger.errors).toHaveLength(1);
    expect(app.logger.errors[0]).toMatch(/^SseError: An @SseChannel\(\) handler returns a channel name, /);
    expect(app.logger.errors[0]).toMatch(/; got .+\.$/);
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, opens: 0 });
  });

  it('a thenable is awaited', async () => {
    const stream = await app.open('/thenable');
    await stream.connectionId();
    await app.channels.publish('a', { data: 'awaited' });
    expect(await stream.next()).toMatchObject({ data: 'awaited' });
  });

  it.each(['/start', '/start-of-two'])('%s gets all that the log has, unless it resumes', async (path) => {
    const first = await app.channels.publish('a', { data: 1 });
    const second = await app.channels.publish('a', { data: 2 });
    const fresh = await app.open(path);
    expect(await fresh.take(2)).toMatchObject([{ id: first }, { id: second }]);
    const resuming = await app.open(path, { lastEventId: first });
    const third = await app.channels.publish('a', { data: 3 });
    expect(await resuming.take(2)).toMatchObject([{ id: second }, { id: third }]);
    expect(await fresh.next()).toMatchObject({ id: third });
  });
});
