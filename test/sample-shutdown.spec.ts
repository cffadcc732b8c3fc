import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { openSse, type SseStream } from '@nestcast/testing';
import { afterEach, describe, expect, it } from '@jest/globals';

import { SampleProcess } from './support/sample-process.js';
import { type SampleUser, signIn } from './support/sample-app.js';

const READINESS_DELAY_MS = 1_500;
const USERS = 30;
const PROCESS_TEST_MS = 30_000;
let sample: SampleProcess;
let streams: SseStream[] = [];

afterEach(async () => {
  await Promise.all(streams.map((stream) => stream.abort()));
  streams = [];
  await sample.kill();
});

async function open(url: string, user: SampleUser): Promise<SseStream> {
  const stream = await openSse(`${url}/notifications/stream`, {
    headers: { cookie: user.cookie },
    timeoutMs: 2 * READINESS_DELAY_MS,
  });
  streams.push(stream);
  await stream.control('sse:connected');
  return stream;
}

/** Sends announcements one after the other until there is nobody who takes them; tells how many were taken. */
async function sendUntilGone(user: SampleUser): Promise<number> {
  for (let sent = 0; ; sent += 1) {
    const answer = await user
      .send({ userId: '*', title: `number ${sent}`, level: 'info' })
      .catch(() => undefined);
    if (answer?.status !== 201) {
      return sent;
    }
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
      sample = SampleProcess.start({ READINESS_DELAY_MS: String(READINESS_DELAY_MS) });
      const url = await sample.url();
      const users = await Promise.all(
        Array.from({ length: USERS }, (_, index) => signIn(url, `user-${index}`)),
      );
      await Promise.all(users.flatMap((user) => [open(url, user), open(url, user)]));
      const [ada] = users as [SampleUser];
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toMatch(new RegExp(`^sse_connections\\{.*\\} ${2 * USERS}$`, 'm'));
      const sending = sendUntilGone(ada);
      expect(await readiness(url)).toBe(200);

      const began = performance.now();
      sample.signal('SIGTERM');
      await untilNotReady(url);
      const title = 'after the signal';
      expect((await ada.send({ userId: '*', title, level: 'info' })).status).toBe(201);
      expect(performance.now() - began).toBeLessThan(READINESS_DELAY_MS);
      // Who asks nevertheless is still served.
      await open(url, await signIn(url, 'late'));

      expect(await sample.ended).toBe(0);
      const took = performance.now() - began;
      expect(took).toBeGreaterThanOrEqual(READINESS_DELAY_MS);
      expect(took).toBeLessThan(READINESS_DELAY_MS + 1_000);
      expect(await sending).toBeGreaterThan(0);

      const goodbyes = await Promise.all(streams.map((stream) => stream.control('sse:goodbye')));
      expect(goodbyes.map((goodbye) => (goodbye as { reason: string }).reason)).toEqual(
        streams.map(() => 'drain'),
      );
      expect(new Set(streams.map(({ retryMs }) => retryMs)).size).toBeGreaterThan(USERS);
      expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual(streams.map(() => 'end'));
      const heard = streams
        .slice(0, -1)
        .filter(({ received }) => received.some(({ data }) => data.includes(title)));
      expect(heard).toHaveLength(2 * USERS);
      expect(sample.output).not.toMatch(/ERROR/);
    },
    PROCESS_TEST_MS,
  );

  it(
    'lets further signals change nothing',
    async () => {
      sample = SampleProcess.start({ READINESS_DELAY_MS: '300' });
      const url = await sample.url();
      const stream = await open(url, await signIn(url, 'ada'));
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
      sample = SampleProcess.start({ LOG_FORMAT: 'json' });
      const url = await sample.url();
      await open(url, await signIn(url, 'ada'));
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
    'ends at once on %s where nobody is connected, with exit code 0',
    async (signal) => {
      sample = SampleProcess.start();
      const url = await sample.url();
      // A connection that a browser has opened in advance, and on which it has asked nothing yet.
      const unused = connect(Number(new URL(url).port), '127.0.0.1');
      unused.on('error', () => undefined);
      await new Promise((resolve) => unused.once('connect', resolve));
      expect(await readiness(url)).toBe(200);
      const began = performance.now();
      sample.signal(signal);
      expect(await sample.ended).toBe(0);
      expect(performance.now() - began).toBeLessThan(1_000);
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
      sample = SampleProcess.start({ [name]: value });
      expect(await sample.ended).toBe(1);
      expect(sample.output).toContain(`${name} must be`);
    },
    PROCESS_TEST_MS,
  );
});
