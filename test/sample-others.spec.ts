import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type SampleApp, START_MS, startSample } from './support/sample-app.js';
import { SampleUser } from './support/sample-user.js';

const SECRET = 'for grace only';
let sample: SampleApp;
let grace: SampleUser;
let linus: SampleUser;
/** Of what is Grace's. */
let answer: string;
let file: string;

beforeAll(async () => {
  sample = await startSample();
  [grace, linus] = (await Promise.all(['grace', 'linus'].map((id) => SampleUser.signIn(sample.url, id)))) as [
    SampleUser,
    SampleUser,
  ];
  answer = await idOf(grace.post('/assistant/ask', { prompt: SECRET }));
  file = await idOf(grace.upload(`recipient,title\ngrace,${SECRET}`));
}, START_MS);
afterAll(() => sample.close());

async function idOf(response: Promise<Response>): Promise<string> {
  const taken = await response;
  expect(taken.status).toBe(202);
  return ((await taken.json()) as { id: string }).id;
}

async function said(response: Promise<Response>): Promise<[number, string]> {
  const answered = await response;
  return [answered.status, await answered.text()];
}

describe('another user’s answers and imports', () => {
  it('are there for who has them', async () => {
    expect((await grace.get(`/assistant/answers/${answer}`)).status).toBe(200);
    expect((await grace.get(`/imports/${file}`)).status).toBe(200);
  });

  it('are like none, with their ids known', async () => {
    const nowhere = '00000000-0000-4000-8000-000000000000';
    for (const [path, id] of [
      ['/assistant/answers/', answer],
      ['/imports/', file],
    ] as const) {
      for (const end of ['', '/stream', '/stream?lastEventId=0.0', '/stream?userId=grace']) {
        const others = await said(linus.get(path + id + end));
        expect(others).toEqual(await said(linus.get(path + nowhere + end)));
        expect(others[0]).toBe(404);
      }
      expect(await said(linus.delete(path + id))).toEqual(await said(linus.delete(path + nowhere)));
      expect((await grace.get(path + id)).status).toBe(200);
    }
  });

  it('are in no list', async () => {
    for (const path of ['/assistant/answers', '/imports', '/notifications']) {
      expect(await (await linus.get(path)).text()).not.toContain(SECRET);
      expect(await (await grace.get(path)).text()).toContain(path === '/imports' ? file : SECRET);
    }
  });
});

/** What a user is answered who asks for what is an administrator's. */
async function statuses(user: SampleUser): Promise<number[]> {
  const answers = await Promise.all([
    user.get('/operations/stream'),
    user.get('/operations/connections?userId=grace'),
    user.post('/operations/disconnect', { userId: 'grace' }),
    user.post('/operations/test-event', { target: '*', message: 'x' }),
  ]);
  return answers.map(({ status }) => status);
}

describe('what is for administrators', () => {
  it('is for no member, and for nobody who isn’t signed in', async () => {
    expect(await statuses(linus)).toEqual([403, 403, 403, 403]);
    await linus.delete('/session/everywhere');
    expect(await statuses(linus)).toEqual([401, 401, 401, 401]);
  });
});
