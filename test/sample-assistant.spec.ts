import { openSse } from '@nestcast/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';

import { ChatServer, type ChatRequest } from '../apps/notifications/src/spec-support/chat-server.js';
import { typesUpTo } from './support/answer-types.js';
import { setEnvironment } from './support/environment.js';
import { type SampleApp, startSample } from './support/sample-app.js';
import { SamplePages, enter } from './support/sample-pages.js';
import { SampleUser } from './support/sample-user.js';

const QUESTION = 'Why is the sky blue?';
/** What a frame on a busy machine may hold up, and no token may be lost or doubled in. */
const WORDS = Array.from({ length: 200 }, (_, index) => `word${index} `);

/** A browser takes its time on a busy machine; what is waited for are events. */
jest.setTimeout(60_000);

let chat: ChatServer;
let sample: SampleApp;
let pages: SamplePages;
beforeAll(async () => {
  chat = await ChatServer.start();
  const restore = setEnvironment({ LLM_BASE_URL: chat.baseUrl, LLM_MODEL: 'small', LLM_API_KEY: 'key' });
  sample = await startSample().finally(restore);
  pages = await SamplePages.launch();
});
afterAll(async () => {
  await pages.quit();
  await sample.close();
  await chat.close();
});

/** What the database has of the answer that a page shows. */
async function stored(user: SampleUser, page: Page): Promise<{ state: string; text: string }> {
  const id = new URL(page.url()).searchParams.get('answer');
  return (await (await user.get(`/assistant/answers/${id}`)).json()) as { state: string; text: string };
}

describe('the assistant’s page', () => {
  let ada: SampleUser;
  let page: Page;
  beforeEach(async () => {
    ada = await SampleUser.signIn(sample.url, 'ada');
    page = await pages.open(`${sample.url}/ask`);
    await enter(page, 'ada');
  });
  afterEach(async () => expect(await pages.close()).toEqual([]));

  async function ask(): Promise<ChatRequest> {
    await page.getByLabel('Your question').fill(QUESTION);
    await page.getByLabel('Your question').press('Enter');
    return chat.next();
  }

  const badge = (name: string): Promise<void> =>
    page.getByRole('region', { name: QUESTION }).getByText(name, { exact: true }).waitFor();
  const text = (): Promise<string> => page.locator('.answer-text').innerText();
  const said = (words: string): Promise<void> =>
    page.locator('.answer-text').getByText(words, { exact: true }).waitFor();
  const figure = (name: string): Promise<string> =>
    page
      .locator('.answer-figures div')
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator('dd')
      .innerText();

  it('shows each token when it comes, and how fast they came', async () => {
    const request = await ask();
    expect(request.prompt).toBe(QUESTION);
    await badge('Writing');
    await page.getByRole('status').getByText('The answer is being written.').waitFor();
    request.say('Light');
    await said('Light');
    request.say(' scatters');
    await said('Light scatters');
    request.say('.\n\nIn the air.');
    await said('In the air.');
    request.finish();
    await badge('Complete');
    await page.getByRole('status').getByText('The answer is complete.').waitFor();
    expect(await figure('Tokens')).toBe('3');
    expect(await figure('First token')).toMatch(/^[\d.]+ m?s$/);
    expect(await figure('Speed')).toMatch(/^[\d.]+ tokens\/s$/);
    expect(await stored(ada, page)).toMatchObject({
      state: 'completed',
      text: 'Light scatters.\n\nIn the air.',
    });
    await page.getByRole('button', { name: 'Copy' }).waitFor();
  });

  it('goes on where it was when it is loaded again in the middle, and in a second tab', async () => {
    const request = await ask();
    request.say(...WORDS.slice(0, 50));
    await page.getByText('word49').waitFor();
    request.say(...WORDS.slice(50, 100));
    await page.reload();
    request.say(...WORDS.slice(100, 150));
    const tab = await pages.openTab(page);
    await tab.getByText('word149').waitFor();
    request.say(...WORDS.slice(150));
    request.finish();
    await badge('Complete');
    const whole = WORDS.join('');
    expect(await text()).toBe(whole);
    await tab.getByRole('region', { name: QUESTION }).getByText('Complete').waitFor();
    expect(await tab.locator('.answer-text').innerText()).toBe(whole);
    expect(await stored(ada, page)).toMatchObject({ state: 'completed', text: whole });
  });

  it('stops the model’s request with its button, and keeps what was written', async () => {
    const request = await ask();
    request.say('Light scat');
    await said('Light scat');
    await page.getByRole('button', { name: 'Stop' }).click();
    await request.left;
    await badge('Stopped');
    expect(await stored(ada, page)).toMatchObject({ state: 'cancelled', text: 'Light scat' });
  });

  it('says why an answer has failed, and asks again', async () => {
    const request = await ask();
    request.refuse(429, 'Slow down, sk-secret');
    await page.getByRole('alert').getByText('The model has too much to do.').waitFor();
    expect(await page.content()).not.toContain('sk-secret');
    await page.getByRole('button', { name: 'Ask again' }).click();
    const again = await chat.next();
    again.say('Light');
    await said('Light');
    again.breakOff();
    await page.getByRole('alert').getByText('broke in the middle').waitFor();
    expect(await text()).toBe('Light');
  });
});

const idOf = async (answer: Response): Promise<string> => ((await answer.json()) as { id: string }).id;

describe('an answer over HTTP', () => {
  it('is there for its user alone', async () => {
    const [ada, grace] = [
      await SampleUser.signIn(sample.url, 'ada'),
      await SampleUser.signIn(sample.url, 'grace'),
    ];
    const asked = await ada.post('/assistant/ask', { prompt: QUESTION });
    const path = `/assistant/answers/${await idOf(asked)}`;
    const request = await chat.next();
    expect(asked.status).toBe(202);
    const stream = (user: SampleUser) =>
      openSse(`${sample.url}${path}/stream`, { headers: { cookie: user.cookie } });
    expect([
      (await grace.get(path)).status,
      (await stream(grace)).status,
      (await grace.delete(path)).status,
      (await fetch(`${sample.url}${path}/stream`)).status,
    ]).toEqual([404, 404, 404, 401]);
    expect(await (await grace.get('/assistant/answers')).json()).toEqual([]);

    const mine = await stream(ada);
    request.say('Light');
    request.finish();
    expect(await typesUpTo(mine, 'complete')).toEqual(['start', 'token', 'complete']);
    expect(await mine.control('sse:goodbye')).toEqual({ reason: 'complete' });
    const again = await openSse(`${sample.url}${path}/stream`, {
      headers: { cookie: ada.cookie },
      lastEventId: mine.lastEventId,
    });
    expect(again.status).toBe(204);
  });

  it('is refused where the question is none, too long, or one too many', async () => {
    const tim = await SampleUser.signIn(sample.url, 'tim');
    const ask = (prompt: string): Promise<Response> => tim.post('/assistant/ask', { prompt });
    expect([(await ask('  ')).status, (await ask('x'.repeat(4_001))).status]).toEqual([400, 400]);
    const running = [await idOf(await ask('One?')), await idOf(await ask('Two?'))];
    const third = await ask('Three?');
    expect([third.status, await third.text()]).toEqual([409, expect.stringContaining('2 answers running')]);
    const requests = [await chat.next(), await chat.next()];
    await Promise.all(running.map((id) => tim.delete(`/assistant/answers/${id}`)));
    await Promise.all(requests.map(({ left }) => left));
    expect((await ask('Four?')).status).toBe(202);
    (await chat.next()).finish();
  });
});
