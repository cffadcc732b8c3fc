import { randomUUID } from 'node:crypto';

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
  [ada, grace] = await Promise.all([
    SampleUser.signIn(sample.url, 'ada'),
    SampleUser.signIn(sample.url, 'grace'),
  ]);
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
    ['too many lines', `recipient,title\n${'\n'.repeat(10_000)}`, 422, 'at most 10000 lines'],
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
    const csv = start + ' '.repeat(1_048_576 - Buffer.byteLength(start));
    const id = await started(ada, csv);
    expect(await (await watch(ada, id)).control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(await detailsOf(ada, id)).toMatchObject({ state: 'completed', lines: 1, sent: 1, problems: [] });
  });
});

describe('an import', () => {
  it('sends the good lines, tells of the bad ones, and ends', async () => {
    const bad = 'info,,linus\nfatal,T,linus\n,T,nobody\ninfo,a,linus,b\n';
    const csv = `level,title,recipient\ninfo,"Hello,\r\nthere",linus\n${bad},to all,*\ninfo,"open,linus\n`;
    const id = await started(ada, csv);
    const stream = await watch(ada, id);
    const problems = [
      { line: 4, message: 'title must have 1 to 120 characters' },
      { line: 5, message: 'level must be one of info, success, warning, error' },
      { line: 6, message: 'there is no user "nobody"' },
      { line: 7, message: 'There are 4 fields for 3 columns: put text with commas in quotes.' },
      { line: 9, message: 'A quote is opened here and never closed: the rest can’t be read.' },
    ];
    const end = { position: 7, lines: 7, sent: 2, rejected: 5 };
    expect(await eventsOf(stream)).toEqual([
      ...problems.map((problem) => ['problem', problem]),
      ['progress', { ...end, linesPerSecond: expect.any(Number) }],
      ['completed', end],
    ]);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
    expect(await detailsOf(ada, id)).toEqual({
      id,
      fileName: 'some.csv',
      state: 'completed',
      problems,
      ...end,
      createdAt: expect.any(String),
      finishedAt: expect.any(String),
    });
    const linus = await SampleUser.signIn(sample.url, 'linus');
    // Of different recipients in any order.
    expect((await linus.inbox()).items.toSorted((a, b) => a.title.localeCompare(b.title))).toEqual([
      expect.objectContaining({ title: 'Hello,\r\nthere', recipient: 'linus', sender: 'ada' }),
      expect.objectContaining({ title: 'to all', recipient: '*', sender: 'ada', level: 'info' }),
    ]);
    expect((await watch(ada, id, stream.lastEventId)).status).toBe(204);
  });

  it('is nobody else’s', async () => {
    const id = await started(ada, 'recipient,title\nada,Hello\n');
    for (const other of [id, randomUUID(), 'x']) {
      expect((await grace.get(`/imports/${other}`)).status).toBe(404);
      expect((await grace.delete(`/imports/${other}`)).status).toBe(404);
      expect((await watch(grace, other)).status).toBe(404);
    }
    expect(await (await grace.get('/imports')).json()).toEqual([]);
    expect((await watch(SampleUser.nobody(sample.url), id)).status).toBe(401);
    const { length } = (await (await ada.get('/imports')).json()) as readonly unknown[];
    expect(length).toBeGreaterThan(0);
  });

  it('stops where it is when it is cancelled', async () => {
    const id = await started(grace, `recipient,title\n${'tim,Hello\n'.repeat(2_000)}`);
    const stream = await watch(grace, id);
    expect((await stream.next()).type).toBe('progress');
    expect((await grace.delete(`/imports/${id}`)).status).toBe(204);
    const [type, data] = (await eventsOf(stream)).at(-1) ?? [];
    const { state, sent, position } = await detailsOf(grace, id);
    expect([type, data, state]).toEqual([
      'cancelled',
      { position, lines: 2_000, sent: position, rejected: 0 },
      'cancelled',
    ]);
    expect(sent).toBeLessThan(2_000);
    // Once more changes nothing.
    expect((await grace.delete(`/imports/${id}`)).status).toBe(204);
    expect(await detailsOf(grace, id)).toMatchObject({ state, sent });
  });

  it('runs beside two others of a user, not more', async () => {
    const csv = `recipient,title\n${'tim,Hello\n'.repeat(5_000)}`;
    const answers = await Promise.all(Array.from({ length: 4 }, () => grace.upload(csv)));
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as {
      id?: string;
      message?: string;
    }[];
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 202, 202, 409]);
    expect(bodies.find(({ message }) => message !== undefined)?.message).toContain('3 imports running');
    const ids = bodies.flatMap(({ id }) => id ?? []);
    await Promise.all(ids.map((id) => grace.delete(`/imports/${id}`)));
    expect((await grace.upload('recipient,title\ntim,Hello\n')).status).toBe(202);
  });
});
