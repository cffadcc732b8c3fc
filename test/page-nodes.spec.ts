import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisServer } from '@nestcast/test-servers';

import { signIn } from './support/sample-app.js';
import { enter, SamplePages } from './support/sample-pages.js';
import { SampleProcess } from './support/sample-process.js';

const BROWSER_TEST_MS = 60_000;
const PHONE = { width: 390, height: 844 };
let pages: SamplePages;
let redis: RedisServer;
let samples: SampleProcess[] = [];

beforeAll(async () => {
  [pages, redis] = await Promise.all([SamplePages.launch(), RedisServer.start()]);
}, 300_000);

afterAll(async () => {
  expect(await pages.close()).toEqual([]);
  await Promise.all([pages.quit(), ...samples.map((sample) => sample.kill())]);
  await redis.stop();
}, BROWSER_TEST_MS);

describe('the page on one of two nodes', () => {
  it(
    'says which node serves it, and where each notification came in',
    async () => {
      const shared = { BROKER: 'redis', REDIS_URL: redis.url, SESSION_SECRET: 'the same on both' };
      samples = ['node A', 'node B'].map((NODE_NAME) => SampleProcess.start({ ...shared, NODE_NAME }));
      const [nodeA = '', nodeB = ''] = await Promise.all(samples.map((sample) => sample.url()));
      const page = await pages.open(nodeB, PHONE);
      await enter(page, 'ada');
      await page.locator('#node-name', { hasText: 'node B' }).waitFor();

      await page.locator('#figures summary').click();
      await page.locator('#all-nodes', { hasText: '2' }).waitFor();
      const grace = await signIn(nodeA, 'grace');
      await grace.send({ userId: 'ada', title: 'From afar', level: 'info' });
      const item = page.locator('#list > li').filter({ hasText: 'From afar' });
      await item.getByText('from grace via node A').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
    },
    BROWSER_TEST_MS,
  );
});
