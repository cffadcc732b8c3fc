import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startSample, type SampleApp } from './support/sample-app.js';
import { SampleUser } from './support/sample-user.js';

let sample: SampleApp;
let ada: SampleUser;

beforeAll(async () => {
  sample = await startSample();
  ada = await SampleUser.signIn(sample.url, 'ada');
}, 60_000);

afterAll(() => sample.close());

const draft = { recipient: 'ada', title: 'Hello', body: '', level: 'info' };

describe('GET /accounts', () => {
  it('tells who is signed in whom one can write to, and nothing that is theirs alone', async () => {
    expect((await fetch(`${sample.url}/accounts`)).status).toBe(401);
    const accounts = (await (await ada.get('/accounts')).json()) as object[];
    expect(accounts).toContainEqual({ id: 'grace', name: 'Grace Hopper', role: 'member' });
    expect(new Set(accounts.flatMap((account) => Object.keys(account)))).toEqual(
      new Set(['id', 'name', 'role']),
    );
  });
});

const send = (body: object, key: string): Promise<Response> =>
  ada.post('/notifications', body, { 'idempotency-key': key });

describe('POST /notifications with an Idempotency-Key', () => {
  it('answers a request that is sent again as it did the first time', async () => {
    const [first, again] = [await send(draft, 'one'), await send(draft, 'one')];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.json()).toEqual(await first.json());
  });

  it('refuses another request with the same key, and a key that can’t be kept', async () => {
    await send(draft, 'two');
    expect((await send({ ...draft, title: 'Other' }, 'two')).status).toBe(422);
    expect((await send(draft, 'a b')).status).toBe(400);
    expect((await send(draft, 'a'.repeat(101))).status).toBe(400);
  });
});

describe('POST /notifications/read', () => {
  it('answers with what the user’s devices are told', async () => {
    const { id } = (await (await ada.post('/notifications', draft)).json()) as { id: number };
    const answer = await ada.post('/notifications/read', { ids: [id] });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ ids: [id], inbox: { owner: 'ada' } });
  });

  it('takes the highest id that there can be', async () => {
    expect((await ada.post('/notifications/read', { upTo: Number.MAX_SAFE_INTEGER })).status).toBe(200);
    expect((await ada.post('/notifications/read', { upTo: 1e300 })).status).toBe(400);
  });
});
