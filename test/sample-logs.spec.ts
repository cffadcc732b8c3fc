import { expect, it } from '@jest/globals';

import { SampleProcess } from './support/sample-process.js';

const PROCESS_TEST_MS = 60_000;

it(
  'no password and no session gets into the sample’s log, whatever becomes of the request',
  async () => {
    const sample = await SampleProcess.start({ LOG_FORMAT: 'json', DEMO_PASSWORD: 'secret-of-the-demo' });
    const url = await sample.url();
    const send = (body: string): Promise<Response> =>
      fetch(`${url}/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    const signedIn = await send('{"userId":"ada","password":"nestcast"}');
    expect(signedIn.status).toBe(201);
    const statuses = [
      await send('{"userId":"ada","password":"secret-wrong"}'),
      await send('{"userId":"ada","password":"secret-cut'),
      await send('{"userId":"a b","password":"secret-with-a-bad-name"}'),
      await send('{"userId":"ada","password":"secret-more","more":1}'),
      await send(`{"userId":"ada","password":"secret-${'long'.repeat(10_000)}"}`),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 400, 400, 400, 413]);
    const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
    const stream = await fetch(`${url}/notifications/stream`, { headers: { cookie: cookie.join('; ') } });
    expect(stream.status).toBe(200);
    sample.signal('SIGTERM');
    await stream.body?.cancel();
    expect(await sample.ended).toBe(0);

    expect(sample.output).not.toMatch(/secret-|nestcast"|\bat .*\.js:\d/);
    for (const part of cookie) {
      expect(sample.output).not.toContain(part.split('=').slice(1).join('='));
    }
  },
  PROCESS_TEST_MS,
);
