import { openSse, ResumingClient, type SseStream } from '@nestcast/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';

import { type SampleApp, START_MS, startSample } from './support/sample-app.js';
import { SampleUser } from './support/sample-user.js';

let sample: SampleApp;
let opened: SseStream[] = [];

beforeAll(async () => {
  sample = await startSample();
}, START_MS);
afterAll(() => sample.close());

afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  opened = [];
});

const signIn = (userId: string): Promise<SampleUser> => SampleUser.signIn(sample.url, userId);
const password = 'nestcast';

async function open({ cookie }: SampleUser, lastEventId = ''): Promise<SseStream> {
  const stream = await openSse(`${sample.url}/notifications/stream`, { headers: { cookie }, lastEventId });
  opened.push(stream);
  return stream;
}

const sessionStatus = async (user: SampleUser): Promise<number> => (await user.get('/session')).status;

describe('a session', () => {
  it('begins, says who one is, and ends', async () => {
    const ada = { id: 'ada', name: 'Ada Lovelace', role: 'admin' };
    const agent = request.agent(sample.url);
    await agent.get('/session').expect(401);
    await agent.post('/session').send({ userId: 'ada', password }).expect(201, ada);
    await agent.get('/session').expect(200, ada);
    await agent.delete('/session').expect(204);
    await agent.get('/session').expect(401);
    await agent.delete('/session').expect(204);
  });

  it.each([
    [{}],
    [{ userId: '', password }],
    [{ userId: 'a b', password }],
    [{ userId: 'a'.repeat(65), password }],
    [{ userId: ['ada'], password }],
    [{ userId: { $ne: '' }, password }],
    [{ userId: '*', password }],
    [{ userId: 'ada' }],
    [{ userId: 'ada', password: '' }],
    [{ userId: 'ada', password: 'x'.repeat(201) }],
    [{ userId: 'ada', password: [password] }],
    [{ userId: 'ada', password, role: 'admin' }],
  ])('does not begin with %j', async (body) => {
    const response = await request(sample.url).post('/session').send(body).expect(400);
    expect(response.body).toMatchObject({ statusCode: 400, error: 'Bad Request' });
    expect(response.body.message).toContainEqual(
      expect.stringMatching(/^(userId|password) must|^property role should not/),
    );
    expect(response.get('Set-Cookie')).toBeUndefined();
  });

  it('can be tried with accounts that the server tells of', async () => {
    const { body } = await request(sample.url).get('/session/demo-accounts').expect(200);
    expect(body.password).toBe(password);
    expect(body.accounts).toHaveLength(6);
    expect(body.accounts[0]).toEqual({ id: 'ada', name: 'Ada Lovelace', role: 'admin' });
  });
});

describe('signing out', () => {
  it('closes the user’s streams, and nobody else’s', async () => {
    const [margaret, barbara] = [await signIn('margaret'), await signIn('barbara')];
    const [margarets, barbaras] = [await open(margaret), await open(barbara)];
    expect((await margaret.delete('/session')).status).toBe(204);
    expect(await margarets.control('sse:goodbye')).toEqual({ reason: 'revoked' });
    await margarets.ended;
    await barbara.tell('barbara', 'still here');
    expect((await barbaras.next()).type).toBe('notification.created');
  });
});

describe('signing out everywhere', () => {
  it('closes the streams of all devices, and none of them can come back', async () => {
    const [laptop, phone] = [await signIn('ada'), await signIn('ada')];
    const streams = [await open(laptop), await open(phone)];
    await phone.tell('ada', 'Hello');
    await Promise.all(streams.map((stream) => stream.next()));

    const answer = await laptop.delete('/session/everywhere');
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie().find((cookie) => cookie.startsWith('session='))).toMatch(
      /^session=;/,
    );
    const goodbyes = await Promise.all(streams.map((stream) => stream.control('sse:goodbye')));
    await Promise.all(streams.map((stream) => stream.ended));
    expect(goodbyes).toEqual([{ reason: 'revoked' }, { reason: 'revoked' }]);

    for (const device of [laptop, phone]) {
      expect(await sessionStatus(device)).toBe(401);
      expect((await open(device, streams[0]?.lastEventId)).status).toBe(401);
      expect((await device.tell('ada', 'From a thief')).status).toBe(401);
      expect((await device.delete('/session/everywhere')).status).toBe(401);
    }
  });

  it('leaves others alone, and a new sign-in counts', async () => {
    const [ada, grace] = [await signIn('ada'), await signIn('grace')];
    const graces = await open(grace);
    await ada.delete('/session/everywhere');
    const again = await signIn('ada');
    expect([await sessionStatus(again), await sessionStatus(grace)]).toEqual([200, 200]);
    await again.tell('grace', 'Still here?');
    expect((await graces.next()).type).toBe('notification.created');
    expect((await open(again)).status).toBe(200);
  });

  it('lets no stream through that is being opened meanwhile', async () => {
    const { cookie } = await signIn('tim');
    const clients = Array.from(
      { length: 3 },
      () => new ResumingClient(`${sample.url}/notifications/stream`, { headers: { cookie } }),
    );
    const ends = clients.map((client) => client.until(() => false).catch((error: Error) => error.message));
    await request(sample.url).delete('/session/everywhere').set('Cookie', cookie).expect(204);
    expect(await Promise.all(ends)).toEqual(
      clients.map(() => expect.stringContaining('The server answered 401')),
    );
  });
});
