import { afterEach, describe, expect, it } from '@jest/globals';
import { type Identify, SseChannel, SseConnectionLimit } from '@nestcast/sse';
import { Controller, UseGuards } from '@nestjs/common';
import request from 'supertest';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

@Controller()
class StreamController {
  @SseChannel('open')
  open() {
    return 'news';
  }

  @SseChannel('limited')
  @SseConnectionLimit()
  limited() {
    return 'news';
  }

  @SseChannel('limit-first')
  @UseGuards(UserGuard)
  @SseConnectionLimit()
  limitFirst() {
    return 'news';
  }
}

interface UserRequest {
  readonly user?: { readonly id: string };
}

/** What an application may return in spite of the types, and what the log calls it. */
const wrong: [what: string, identify: () => unknown, got: string][] = [
  ['a promise', () => Promise.resolve('ann'), 'a value of type Promise'],
  ['a promise that rejects', () => Promise.reject(new Error('no such user')), 'a value of type Promise'],
  ['an object', () => ({ id: 'ann' }), 'a value of type Object'],
  ['a boolean', () => true, 'a value of type Boolean'],
  // What a header that isn't there becomes: all of its users would be one.
  ['NaN', () => Number(undefined), 'NaN'],
  ['an empty string', () => '', 'an empty one'],
];

const right: [what: string, identify: () => unknown, userId: string | undefined][] = [
  ['a string', () => 'ann', 'ann'],
  ['a number', () => 7, '7'],
  ['undefined', () => undefined, undefined],
  ['null', () => null, undefined],
];

describe.each(adapters)('identify on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(identify: (request: UserRequest) => unknown): Promise<void> {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { identify: identify as Identify, limits: { total: 10 } },
    });
  }

  const userIds = (): (string | undefined)[] => app.channels.connections().map(({ userId }) => userId);

  describe.each(['/open', '/limited'])('for %s', (path) => {
    it.each(right)('may return %s', async (_, identify, userId) => {
      await start(identify);
      const stream = await app.open(path);
      await stream.connectionId();
      expect(userIds()).toEqual([userId]);
    });

    it.each(wrong)('may not return %s', async (_, identify, got) => {
      await start(identify);
      const answer = await request(app.url).get(path).expect(500);
      expect(answer.body).toEqual({ statusCode: 500, message: 'Internal server error' });
      expect(app.logger.errors).toEqual([expect.stringMatching(/^SseError: identify must be synchronous/)]);
      expect(app.logger.errors[0]).toContain(`got ${got}.`);
      expect(app.channels.stats()).toMatchObject({ connections: 0, opens: 0 });
    });
  });

  it('is asked once by the guard and once after all guards, whose answer counts', async () => {
    const answers: string[] = [];
    await start(({ user }) => {
      answers.push(user?.id ?? 'guest');
      return answers.at(-1);
    });
    const stream = await app.open('/limit-first', as('ann'));
    await stream.connectionId();
    expect(userIds()).toEqual(['ann']);
    expect(answers).toEqual(['guest', 'ann']);
    await (await app.open('/open')).connectionId();
    expect(answers).toEqual(['guest', 'ann', 'guest']);
  });

  it('counts whom all guards have told, not whom the guard was told before them', async () => {
    await start(({ user }) => user?.id ?? 'guest');
    const open = async (user: string) => (await app.open('/limit-first', as(user))).status;
    expect([await open('ann'), await open('bob'), await open('eve'), await open('joe')]).toEqual(
      Array.from({ length: 4 }, () => 200),
    );
    expect([await open('ann'), await open('ann'), await open('ann')]).toEqual([200, 200, 429]);
    expect(await app.channels.disconnect({ userId: 'ann' })).toBe(3);
    expect(await open('ann')).toBe(200);
  });
});
