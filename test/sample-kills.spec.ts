import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';

import type { InboxPage } from '../apps/notifications/src/notifications/inbox.js';
import { InboxTraffic } from './support/inbox-traffic.js';
import {
  acceptedByKey,
  countedInboxes,
  expectedOf,
  readStored,
  shownBy,
  storedByKey,
} from './support/inbox-verdict.js';
import { MortalFolderSample } from './support/mortal-folder-sample.js';
import { MortalNodesSample } from './support/mortal-nodes-sample.js';
import type { MortalSample } from './support/mortal-sample.js';
import type { PatientUser } from './support/patient-user.js';
import { until } from './support/until.js';

/** `npm run test:kills` has as many in each row. */
const KILLS = Number(process.env['KILLS'] ?? 0);
const TEST_MS = 900_000;
const MOST_REQUESTS_BETWEEN = 12;
const SETTLED_WITHIN_MS = 30_000;

let sample: MortalSample | undefined;
let traffic: InboxTraffic | undefined;

afterEach(async () => {
  traffic?.close();
  await sample?.destroy();
  [sample, traffic] = [undefined, undefined];
}, TEST_MS);

/** What a user has who goes through all pages. */
async function allPages(user: PatientUser): Promise<ReturnType<typeof shownBy>> {
  const items: InboxPage['items'][number][] = [];
  for (let before: number | null | undefined; before !== null;) {
    const query: string = before === undefined ? '' : `&before=${before}`;
    const page = await user.get<InboxPage>(`/notifications?limit=100${query}`);
    items.push(...page.items);
    before = page.next;
  }
  return {
    items: items.map(({ id, title, read }) => ({ id, title, read })),
    unread: items.filter(({ read }) => !read).length,
  };
}

/** Resolves when each device shows what its user has, or can't be expected to any more. */
async function settled({ users, clients }: InboxTraffic): Promise<void> {
  await Promise.all(clients.map((client) => client.loadOlder()));
  const pages = new Map(await Promise.all(users.map(async (user) => [user, await allPages(user)] as const)));
  const agree = (): boolean =>
    clients.every((client) => isDeepStrictEqual(shownBy(client), pages.get(client.user)));
  // What is still missing then is told by what is expected of them all.
  await until(agree, SETTLED_WITHIN_MS).catch(() => undefined);
}

describe('the sample, killed again and again while clients receive, send and read', () => {
  it.each([
    ['a process with its own database', () => MortalFolderSample.start({}), 20],
    [
      'a primary with its own database and two workers',
      () => MortalFolderSample.start({ BROKER: 'cluster', WORKERS: '2' }),
      5,
    ],
    ['two nodes over Redis and PostgreSQL', () => MortalNodesSample.start(), 5],
  ])(
    '%s: loses nothing, and shows nothing twice',
    async (_name, start: () => Promise<MortalSample>, usual) => {
      const killed = (sample = await start());
      const { clients } = (traffic = await InboxTraffic.start(() => killed.origin()));
      await until(() => clients.every((client) => client.open), SETTLED_WITHIN_MS);
      const kills = KILLS || usual;
      const beforePublishing = randomInt(kills);
      for (let kill = 0; kill < kills; kill += 1) {
        await traffic.requests(randomInt(1, MOST_REQUESTS_BETWEEN));
        await (kill === beforePublishing ? killed.killBeforePublishing(traffic) : killed.kill());
        traffic.comeBack();
      }
      await traffic.requests(MOST_REQUESTS_BETWEEN);
      await traffic.finish();
      await settled(traffic);
      const stored = await killed.end(readStored);

      expect(storedByKey(stored)).toEqual(acceptedByKey(traffic));
      expect(stored.inboxes).toEqual(countedInboxes(stored));
      expect(stored.waiting).toBe(0);
      for (const client of clients) {
        expect(client.failure).toBeUndefined();
        expect(shownBy(client)).toEqual(expectedOf(stored, client.user.id));
        const ids = shownBy(client).items.map(({ id }) => [id, 1]);
        expect(Object.fromEntries(client.shown)).toEqual(Object.fromEntries(ids));
      }
      for (const [userId, ids] of traffic.marked) {
        const read = new Set(stored.reads.filter((row) => row.userId === userId).map(({ id }) => id));
        expect([...ids].filter((id) => !read.has(id))).toEqual([]);
      }
    },
    TEST_MS,
  );
});
