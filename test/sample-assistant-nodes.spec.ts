import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';

import { openSse } from '@nestcast/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { ChatServer } from '../apps/notifications/src/spec-support/chat-server.js';
import { typesUpTo } from './support/answer-types.js';
import { deleteFolder, sampleFolder } from './support/sample-folder.js';
import { SampleProcess } from './support/sample-process.js';
import { SampleUser } from './support/sample-user.js';

const START_TIMEOUT_MS = 120_000;

let chat: ChatServer;
let folder: string;
let started: SampleProcess[];
beforeEach(async () => {
  [chat, folder, started] = [await ChatServer.start(), await sampleFolder(), []];
});
afterEach(async () => {
  await Promise.all(started.map((sample) => sample.kill()));
  await chat.close();
  await deleteFolder(folder);
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<SampleProcess> {
  const sample = await SampleProcess.start({
    DATABASE_FOLDER: folder,
    SESSION_SECRET: 'the same after a restart',
    LLM_BASE_URL: chat.baseUrl,
    LLM_MODEL: 'small',
    ...environment,
  });
  started.push(sample);
  return sample;
}

/** A request over a connection of its own: the primary gives each to the worker whose turn it is. */
async function over(method: string, url: string, cookie: string, body = ''): Promise<string> {
  const headers = { cookie, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    httpRequest(url, { method, headers, agent: false }, (response) => {
      text(response).then(resolve, reject);
    })
      .on('error', reject)
      .end(body);
  });
}

describe('the assistant on several nodes', () => {
  it(
    'cancels an answer on whichever worker it is written, and tells its end on all',
    async () => {
      const sample = await start({ BROKER: 'cluster', WORKERS: '2' });
      const url = await sample.url();
      const { cookie } = await SampleUser.signIn(url, 'ada');
      const prompt = JSON.stringify({ prompt: 'Why?' });
      // With every other request on the other worker, one of three in a row meets each case.
      for (let turn = 0; turn < 3; turn += 1) {
        const { id } = JSON.parse(await over('POST', `${url}/assistant/ask`, cookie, prompt)) as {
          id: string;
        };
        const path = `${url}/assistant/answers/${id}`;
        const request = await chat.next();
        const streams = await Promise.all(
          [1, 2].map(() => openSse(`${path}/stream`, { headers: { cookie } })),
        );
        request.say('Half');
        await Promise.all(streams.map((stream) => typesUpTo(stream, 'token')));
        if (turn > 0) {
          // Shifts whose turn it is.
          await over('GET', path, cookie);
        }
        await over('DELETE', path, cookie);
        await request.left;
        for (const stream of streams) {
          expect(await typesUpTo(stream, 'cancelled')).toEqual(['cancelled']);
          await stream.ended;
        }
        expect(JSON.parse(await over('GET', path, cookie))).toMatchObject({
          state: 'cancelled',
          text: 'Half',
        });
      }
    },
    START_TIMEOUT_MS,
  );

  it(
    'says of an answer whose process was killed that it is interrupted, after the next start',
    async () => {
      const first = await start();
      const ada = await SampleUser.signIn(await first.url(), 'ada');
      const { id } = (await (await ada.post('/assistant/ask', { prompt: 'Why?' })).json()) as { id: string };
      await chat.next();
      await first.kill();

      const url = await (await start()).url();
      const path = `/assistant/answers/${id}`;
      expect(await (await ada.at(url).get(path)).json()).toMatchObject({ state: 'interrupted' });
      const stream = await openSse(`${url}${path}/stream`, { headers: { cookie: ada.cookie } });
      expect(await typesUpTo(stream, 'interrupted')).toEqual(['interrupted']);
      expect(await stream.control('sse:goodbye')).toEqual({ reason: 'complete' });
    },
    START_TIMEOUT_MS,
  );
});
