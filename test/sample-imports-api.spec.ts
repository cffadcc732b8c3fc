import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openSse, type SseStream } from '@nestcast/testing';

import type { ImportDetails } from '../apps/notifications/src/imports/import.js';
import { type SampleApp, startSample } from './support/sample-app.js';
import { SampleUser } from './support/sample-user.js';

jest.setTimeout(60_000);

let sample: SampleApp;
let ada: SampleUser;
let grace: SampleUser;
let opened: SseStream[] = [];

beforeAll(async () => {
  sample = await startSample();
  [ada, grace] = await Promise.all([SampleUser.signIn(sample.url, 'ada'), SampleUser.signIn(sample.url, 'grace')]);
});
afterEach(async () => {
  await Promise.all(opened.map((stream) => stream.abort()));
  opened = [];
});
afterAll(() => sample.close());

async function started(user: SampleUser, csv: string): Promise<string> {
  const response = await user.upload(csv);
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

async function watch(user: SampleUser, id: string, lastEventId?: string): Promise<SseStream> {
  const headers = { cookie: user.cookie, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
  const stream = await openSse(`${sample.url}/imports/${id}/stream`, { headers });
  opened.push(stream);
  return stream;
}

/** All to the last one. */
async function eventsOf(stream: SseStream): Promise<readonly [type: string, data: unknown][]> {
  const events: [string, unknown][] = [];
  for (;;) {
    const { type, data } = await stream.next();
    events.push([type, JSON.parse(data)]);
    if (['completed', 'cancelled', 'failed'].includes(type)) {
      return events;
    }
  }
}

async function detailsOf(user: SampleUser, id: string): Promise<ImportDetails> {
  return (await (await user.get(`/imports/${id}`)).json()) as ImportDetails;
}

const GOOD = 'level,title,recipient\ninfo,"Hello,\r\nthere",linus\n,Again,linus\n';

describe('POST /imports', () => {
  it.each([
    ['nothing', '', 422, 'The file is empty.'],
    ['a byte order mark alone', '\uFEFF', 422, 'The file is empty.'],
    ['no header', 'ada,Hello\n', 422, 'There can’t be a column "ada".'],
    ['no title', 'recipient,body\nada,Hello\n', 422, 'There is no column title.'],
    ['a column twice', 'recipient,title,Title\n', 422, 'There are two columns title.'],
    ['a header alone', 'recipient,title\n\n,\n', 422, 'There are no lines'],
    ['too many lines', `recipient,title\n${'a,b\n'.repeat(10_001)}`, 422, 'at most 10000 lines'],
    ['NUL characters', 'recipient,title\nada,\0\n', 422, 'without NUL'],
    ['another encoding', Buffer.from('recipient,title\nada,\xe4\n', 'latin1'), 422, 'UTF-8'],
    ['more than 1 MiB', 'recipient,title\n'.padEnd(1_048_577, 'x'), 413, 'too large'],
  ])('refuses %s', async (_what, csv, status, message) => {
    const response = await ada.upload(csv);
    expect([response.status, await response.json()]).toEqual([
      status,
      expect.objectContaining({ message: expect.stringContaining(message) }),
    ]);
  });

  it('needs a name of the file, a session, and CSV', async () => {
    expect((await ada.upload(GOOD, '')).status).toBe(400);
    expect((await ada.post('/imports?fileName=a.csv', { recipient: 'ada' })).status).toBe(415);
    expect((await SampleUser.nobody(sample.url).upload(GOOD)).status).toBe(401);
  });

  it('takes in a file of exactly 1 MiB, with a byte order mark', async () => {
    const start = '\uFEFFtitle,recipient\nHello,tim\n';
    const csv = start + '\n'.repeat(1_048_576 - Buffer.byteLength(start));
    const id = await started(ada, csv);
    expect(await (await watch(ada, id)).control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(await detailsOf(ada, id)).toMatchObject({ state: 'completed', lines: 1, sent: 1, problems: [] });
  });
});

describe('an import', () => {
  it('sends the good lines, tells of the bad ones, and ends', async () => {
    const csv = `${GOOD}info,,linus\nfatal,T,linus\ninfo,T,nobody\n"info","to all",*\ninfo,a,ada,b\ninfo,"open,ada\n`;
    const id = await started(ada, csv);
    const stream = await watch(ada, id);
    expect(await eventsOf(stream)).toEqual([]);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
    const { problems, ...rest } = await detailsOf(ada, id);
    expect(problems).toEqual([]);
    expect(rest).toEqual({});
  });
});
