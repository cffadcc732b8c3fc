import { openSse, ResumingClient, type SseStream } from '@nestcast/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { type SampleApp, type SampleUser, signIn, startSample } from './support/sample-app.js';

let sample: SampleApp;
let opened: SseStream[];

beforeEach(async () => {
  sample = await startSample();
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  await sample.close();
});

async function open(user: SampleUser, lastEventId = ''): Promise<SseStream> {
  const { cookie } = user;
  const stream = await openSse(`${sample.url}/notifications/stream`, { headers: { cookie }, lastEventId });
  opened.push(stream);
  return stream;
}

const sessionStatus = async ({ cookie }: SampleUser): Promise<number> =>
  (await fetch(`${sample.url}/session`, { headers: { cookie } })).status;

describe('signing out everywhere', () => {
  it('closes the streams of all devices within a second, and none of them can come back', async () => {
    const [laptop, phone] = [await signIn(sample.url, 'ada'), await signIn(sample.url, 'ada')];
    const streams = [await open(laptop), await open(phone)];
    await phone.send({ userId: 'ada', title: 'Hello', level: 'info' });
    await Promise.all(streams.map((stream) => stream.next()));

    const began = performance.now();
    const answer = await laptop.signOutEverywhere();
    expect(answer.status).toBe(204);
    const goodbyes = await Promise.all(streams.map((stream) => stream.control('sse:goodbye')));
    await Promise.all(streams.map((stream) => stream.ended));
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(goodbyes).toEqual([{ reason: 'revoked' }, { reason: 'revoked' }]);

    for (const device of [laptop, phone]) {
      expect(await sessionStatus(device)).toBe(401);
      expect((await open(device, streams[0]?.lastEventId)).status).toBe(401);
      expect((await device.send({ userId: 'ada', title: 'From a thief', level: 'info' })).status).toBe(401);
      expect((await device.signOutEverywhere()).status).toBe(401);
    }
  });

  it('takes the cookie away from the browser that asked', async () => {
    const answer = await (await signIn(sample.url, 'ada')).signOutEverywhere();
    expect(answer.headers.getSetCookie().find((cookie) => cookie.startsWith('session='))).toMatch(
      /^session=;/,
    );
  });

  it('leaves others alone, and a new sign-in counts', async () => {
    const [ada, grace] = [await signIn(sample.url, 'ada'), await signIn(sample.url, 'grace')];
    const graces = await open(grace);
    await ada.signOutEverywhere();
    const again = await signIn(sample.url, 'ada');
    expect([await sessionStatus(again), await sessionStatus(grace)]).toEqual([200, 200]);
    await again.send({ userId: 'grace', title: 'Still here?', level: 'info' });
    expect((await graces.next()).type).toBe('notification.created');
    expect((await open(again)).status).toBe(200);
  });

  it('lets no stream through that is being opened meanwhile', async () => {
    const ada = await signIn(sample.url, 'ada');
    const clients = Array.from(
      { length: 3 },
      () => new ResumingClient(`${sample.url}/notifications/stream`, { headers: { cookie: ada.cookie } }),
    );
    const ends = clients.map((client) => client.until(() => false).catch((error: Error) => error.message));
    await ada.signOutEverywhere();
    expect(await Promise.all(ends)).toEqual(
      clients.map(() => expect.stringContaining('The server answered 401')),
    );
  });
});
