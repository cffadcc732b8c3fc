import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type SseStream, openSse } from '@nestcast/testing';
import type { Page } from 'playwright-core';

import { SamplePages, enter, state } from './support/sample-pages.js';
import { SampleProcess } from './support/sample-process.js';
import { SampleUser } from './support/sample-user.js';
import { until } from './support/until.js';

interface Told {
  readonly tick: number;
  readonly match: { readonly id: string; readonly minute: number; readonly phase: string };
}

interface Figures {
  readonly node: { readonly name: string };
  readonly connections: number;
  readonly publishMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  readonly outboxWaiting: number | null;
}

jest.setTimeout(60_000);

/** Two workers on one database: whatever is asked may be answered by either. */
let sample: SampleProcess;
let url: string;
let pages: SamplePages;
let opened: SseStream[] = [];

beforeAll(async () => {
  [sample, pages] = await Promise.all([
    SampleProcess.start({ BROKER: 'cluster', WORKERS: '2' }),
    SamplePages.launch(),
  ]);
  url = await sample.url();
  await until(() => sample.workers().length === 2, 30_000);
});
afterAll(async () => {
  await Promise.all([sample.kill(), pages.quit()]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((stream) => stream.abort()));
  expect(await pages.close()).toEqual([]);
});

async function open(path: string, user?: SampleUser): Promise<SseStream> {
  const stream = await openSse(url + path, { headers: user ? { cookie: user.cookie } : {} });
  opened.push(stream);
  return stream;
}

/** Reads until there is an event that will do. */
async function next<Data>(stream: SseStream, isIt: (data: Data) => boolean): Promise<Data> {
  for (;;) {
    const data = JSON.parse((await stream.next()).data) as Data;
    if (isIt(data)) {
      return data;
    }
  }
}

/** Resolves when the operations page counts as many connections. */
const connectionsShown = (page: Page, count: number): Promise<void> =>
  page
    .locator('.summary', { hasText: 'Connections' })
    .locator('.summary-figure')
    .filter({ hasText: new RegExp(`^${count}$`) })
    .waitFor();

describe('the scores', () => {
  it('go on tick by tick, with whoever looks on at whichever node', async () => {
    const streams = await Promise.all(Array.from({ length: 6 }, () => open('/scores/stream')));
    const ada = await SampleUser.signIn(url, 'ada');
    const figures = await open('/operations/stream', ada);
    for (const name of ['worker 1', 'worker 2']) {
      await next<Figures>(figures, ({ node, connections }) => node.name === name && connections > 0);
    }
    const told = await Promise.all(
      streams.map(async (stream) => {
        const first = await next<Told>(stream, () => true);
        await next<Told>(stream, ({ tick }) => tick >= first.tick + 3);
        return stream.received
          .filter(({ type }) => type === 'score')
          .map(({ data }) => JSON.parse(data) as Told);
      }),
    );
    for (const events of told) {
      const each = events.map(({ tick, match }) => `${tick} of ${match.id}`);
      expect(each).toEqual([...new Set(each)]);
      const ticks = [...new Set(events.map(({ tick }) => tick))];
      expect(ticks).toEqual(ticks.map((_, index) => (ticks[0] as number) + index));
    }
  });

  it('are the same for everybody: nothing of them is anybody’s own', async () => {
    const ada = await SampleUser.signIn(url, 'ada');
    for (const response of [await fetch(`${url}/scores`), await ada.get('/scores')]) {
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'public, max-age=1']);
      expect([response.headers.get('set-cookie'), response.headers.get('vary')]).toEqual([null, null]);
    }
    const { headers } = await open('/scores/stream', ada);
    expect([headers['set-cookie'], headers['vary']]).toEqual([undefined, 'Accept-Encoding']);
  });
});

describe('operations', () => {
  it('are for administrators', async () => {
    const grace = await SampleUser.signIn(url, 'grace');
    const visitor = SampleUser.nobody(url);
    const calls: ((user: SampleUser) => Promise<Response>)[] = [
      (user) => user.get('/operations/stream'),
      (user) => user.get('/operations/connections?userId=grace'),
      (user) => user.post('/operations/disconnect', { userId: 'ada' }),
      (user) => user.post('/operations/test-event', { target: '*', title: 'x' }),
    ];
    for (const call of calls) {
      expect((await call(visitor)).status).toBe(401);
      expect((await call(grace)).status).toBe(403);
    }
  });

  it('tell the figures of all nodes, and whose connections are where', async () => {
    const [ada, grace] = [await SampleUser.signIn(url, 'ada'), await SampleUser.signIn(url, 'grace')];
    const mine = await Promise.all([
      open('/notifications/stream', grace),
      open('/notifications/stream', grace),
    ]);
    await Promise.all(mine.map((stream) => stream.connectionId()));
    const figures = await open('/operations/stream', ada);
    await next<Figures>(figures, ({ node }) => node.name === 'worker 1');
    await next<Figures>(figures, ({ node }) => node.name === 'worker 2');
    const measured = await next<Figures>(figures, ({ publishMs }) => publishMs !== null);
    expect(measured.publishMs?.p99).toBeGreaterThan(0);
    expect(measured.outboxWaiting).toBe(0);

    const found = (await (await ada.get('/operations/connections?userId=grace')).json()) as {
      readonly complete: boolean;
      readonly connections: readonly object[];
    };
    expect(found.complete).toBe(true);
    expect(found.connections).toHaveLength(2);
    expect(found.connections[0]).toMatchObject({
      node: expect.stringMatching(/^worker [12]$/),
      channels: expect.arrayContaining(['user/grace', 'announcements']),
      lagging: false,
    });
    const nobody = await ada.post('/operations/test-event', { target: 'nobody', title: 'x' });
    expect([nobody.status, await nobody.json()]).toMatchObject([
      422,
      { message: 'There is no user "nobody".' },
    ]);
  });
});

describe('the pages', () => {
  it('show a visitor scores that move', async () => {
    const page = await pages.open(`${url}/live`);
    const clock = page.getByRole('article').first().locator('.badge');
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await clock.filter({ hasNotText: (await clock.textContent()) ?? '' }).waitFor();
    expect(await page.getByRole('article').count()).toBe(6);
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(['Live scores']);
  });

  it('show an administrator who is there, and let them act', async () => {
    const admin = await pages.open(url);
    await enter(admin, 'ada');
    await admin.getByRole('link', { name: 'Operations' }).click();
    await admin.getByRole('rowheader', { name: 'worker 2' }).waitFor();
    // The inbox's stream of this browser, and this page's.
    await connectionsShown(admin, 2);

    const member = await pages.open(url);
    await enter(member, 'grace');
    expect(await member.getByRole('link', { name: 'Operations' }).count()).toBe(0);
    await connectionsShown(admin, 3);

    const card = admin.getByRole('region', { name: 'Connections of a person' });
    await card.getByLabel('User name').fill('grace');
    await card.getByRole('button', { name: 'Look up' }).click();
    await card.getByText('grace has 1 stream open.').waitFor();
    await card.getByRole('button', { name: 'Disconnect' }).click();
    const away = state(member, 'reconnecting');
    await admin.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
    await away;
    await state(member, 'live');
    await admin.getByText('1 stream of grace ended').waitFor();

    const form = admin.getByRole('region', { name: 'Test event' });
    await form.getByLabel('For').fill('grace');
    await form.getByLabel('Title').fill('Can you see this?');
    await form.getByRole('button', { name: 'Send' }).click();
    const toast = member.getByRole('log', { name: 'Messages' });
    await toast.getByText('Can you see this?').waitFor();
    await toast.getByText('Test event from Ada Lovelace').waitFor();

    await member.goto(`${url}/ops`);
    await member.getByRole('heading', { name: 'For administrators' }).waitFor();
  });
});
