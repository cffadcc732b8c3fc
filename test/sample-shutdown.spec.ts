import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { openSse, type SseStream } from '@nestcast/testing';
import { afterEach, describe, expect, it } from '@jest/globals';

import { openEmbeddedDatabase } from '../apps/notifications/src/database/embedded-database.js';
import { commitUnpublished } from './support/commit-unpublished.js';
import { type StoredInboxes, readStored } from './support/inbox-verdict.js';
import { deleteFolder, sampleFolder } from './support/sample-folder.js';
import { SampleProcess } from './support/sample-process.js';
import { SampleUser } from './support/sample-user.js';

const READINESS_DELAY_MS = 1_500;
const USERS = ['ada', 'grace', 'linus', 'margaret', 'barbara', 'tim'];
const PROCESS_TEST_MS = 60_000;
let sample: SampleProcess;
let folder: string | undefined;
let streams: SseStream[] = [];

afterEach(async () => {
  await Promise.all(streams.map((stream) => stream.abort()));
  streams = [];
  await sample.kill();
  if (folder !== undefined) {
    await deleteFolder(folder);
    folder = undefined;
  }
}, PROCESS_TEST_MS);

async function open(url: string, user: SampleUser): Promise<SseStream> {
  const stream = await openSse(`${url}/notifications/stream`, {
    headers: { cookie: user.cookie },
    timeoutMs: 10 * READINESS_DELAY_MS,
  });
  streams.push(stream);
  await stream.control('sse:connected');
  return stream;
}

/** Sends announcements one after the other until there is nobody who takes them; their ids. */
async function sendUntilGone(user: SampleUser): Promise<number[]> {
  const ids: number[] = [];
  for (;;) {
    const answer = await user.tell('*', `number ${ids.length}`).catch(() => undefined);
    if (answer?.status !== 201) {
      return ids;
    }
    ids.push(((await answer.json()) as { id: number }).id);
  }
}

/** What the database has, whose process has ended. */
async function stored(path: string): Promise<StoredInboxes> {
  const { engine, close } = await openEmbeddedDatabase(path);
  try {
    return await readStored(async (sql) => (await engine.query<never>(sql)).rows);
  } finally {
    await close();
  }
}

const readiness = async (url: string): Promise<number> => (await fetch(`${url}/health/ready`)).status;

async function untilNotReady(url: string): Promise<void> {
  while ((await readiness(url)) !== 503) {
    await turn();
  }
}

describe('the sample as a process', () => {
  it(
    'ends under load on SIGTERM: not ready first, events all the while, a goodbye for everybody, exit code 0',
    async () => {
      folder = await sampleFolder();
      sample = await SampleProcess.start({
        DATABASE_FOLDER: folder,
        READINESS_DELAY_MS: String(READINESS_DELAY_MS),
      });
      const url = await sample.url();
      const users = await Promise.all(USERS.map((id) => SampleUser.signIn(url, id)));
      await Promise.all(users.flatMap((user) => [open(url, user), open(url, user)]));
      const [ada, grace] = users as [SampleUser, SampleUser];
      const sending = sendUntilGone(ada);
      expect(await readiness(url)).toBe(200);

      const began = performance.now();
      sample.signal('SIGTERM');
      await untilNotReady(url);
      const title = 'after the signal';
      expect((await grace.tell('*', title)).status).toBe(201);
      // Who asks nevertheless is still served.
      await open(url, grace);

      expect(await sample.ended).toBe(0);
      expect(performance.now() - began).toBeGreaterThanOrEqual(READINESS_DELAY_MS);
      const goodbyes = await Promise.all(streams.map((stream) => stream.control('sse:goodbye')));
      expect(goodbyes.map((goodbye) => (goodbye as { reason: string }).reason)).toEqual(
        streams.map(() => 'drain'),
      );
      expect(new Set(streams.map(({ retryMs }) => retryMs)).size).toBeGreaterThan(USERS.length);
      expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual(streams.map(() => 'end'));
      const heard = streams
        .slice(0, -1)
        .filter(({ received }) => received.some(({ data }) => data.includes(title)));
      expect(heard).toHaveLength(2 * USERS.length);
      expect(sample.output).not.toMatch(/ERROR/);

      const sent = await sending;
      expect(sent.length).toBeGreaterThan(0);
      const { notifications } = await stored(folder);
      const kept = new Set(notifications.map(({ id }) => id));
      expect(sent.filter((id) => !kept.has(id))).toEqual([]);
    },
    PROCESS_TEST_MS,
  );

  it(
    'publishes with its next start what it has left, also where it is asked to end at once',
    async () => {
      folder = await sampleFolder();
      const { database, close } = await openEmbeddedDatabase(folder);
      await commitUnpublished(database, 'ada', '*');
      await close();
      sample = await SampleProcess.start({ DATABASE_FOLDER: folder });
      await sample.url();
      sample.signal('SIGTERM');
      expect(await sample.ended).toBe(0);
      expect(await stored(folder)).toMatchObject({ waiting: 0, notifications: [{ sender: 'ada' }] });
    },
    PROCESS_TEST_MS,
  );

  it(
    'lets further signals change nothing',
    async () => {
      sample = await SampleProcess.start({ READINESS_DELAY_MS: '300' });
      const url = await sample.url();
      const stream = await open(url, await SampleUser.signIn(url, 'ada'));
      const began = performance.now();
      sample.signal('SIGTERM');
      await untilNotReady(url);
      sample.signal('SIGTERM');
      sample.signal('SIGINT');
      expect(await stream.control('sse:goodbye')).toMatchObject({ reason: 'drain' });
      expect([await stream.ended, await sample.ended]).toEqual(['end', 0]);
      expect(performance.now() - began).toBeGreaterThanOrEqual(300);
    },
    PROCESS_TEST_MS,
  );

  it(
    'writes its log for machines where it is told to, a line for each stream that has closed',
    async () => {
      sample = await SampleProcess.start({ LOG_FORMAT: 'json' });
      const url = await sample.url();
      await open(url, await SampleUser.signIn(url, 'ada'));
      sample.signal('SIGTERM');
      expect(await sample.ended).toBe(0);
      const lines = sample.output.trim().split('\n');
      const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      const closes = records.filter(({ context }) => context === 'SseConnection');
      expect(closes).toMatchObject([
        { level: 'log', params: { event: 'sse.close', userId: 'ada', reason: 'drain' } },
      ]);
    },
    PROCESS_TEST_MS,
  );

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends on %s where nobody is connected, with exit code 0',
    async (signal) => {
      sample = await SampleProcess.start();
      const url = await sample.url();
      // A connection that a browser has opened in advance, and on which it has asked nothing yet.
      const unused = connect(Number(new URL(url).port), '127.0.0.1');
      unused.on('error', () => undefined);
      await new Promise((resolve) => unused.once('connect', resolve));
      expect(await readiness(url)).toBe(200);
      sample.signal(signal);
      expect(await sample.ended).toBe(0);
    },
    PROCESS_TEST_MS,
  );

  it.each([
    ['PORT', 'http'],
    ['READINESS_DELAY_MS', '5s'],
    ['TRUST_PROXY', 'true'],
    ['LOG_FORMAT', 'xml'],
  ])(
    'does not start with %s=%s, and says why',
    async (name, value) => {
      sample = await SampleProcess.start({ [name]: value });
      expect(await sample.ended).toBe(1);
      expect(sample.output).toContain(`${name} must be`);
    },
    PROCESS_TEST_MS,
  );
});
