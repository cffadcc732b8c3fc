import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { rm } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { protocol } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';

import { sampleTemplate } from '../spec-support/sample-template.js';
import { type ServedDatabase, serveEmbeddedDatabase } from './served-database.js';

const OPEN_MS = 60_000;
let folder: string;
let served: ServedDatabase;
let other: Client;
let socket: Socket;

beforeAll(async () => {
  folder = await sampleTemplate.copy();
  served = await serveEmbeddedDatabase(folder);
}, OPEN_MS);

afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
}, OPEN_MS);

beforeEach(async () => {
  other = new Client(served.url);
  await other.connect();
  const { host, port } = other;
  socket = connect(`${host}/.s.PGSQL.${port}`);
  socket.write(protocol.serialize.startup({ user: 'postgres', database: 'postgres' }));
  await answered('Z');
});

afterEach(async () => {
  socket.destroy();
  await other.end();
});

/** Resolves with what the server has sent up to a message that begins with this letter. */
async function answered(letter: string): Promise<string> {
  for (let text = ''; ;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString('latin1');
    // Each answer here ends with the message, whose length is 5 (ReadyForQuery) or 4.
    if (text.at(letter === 'Z' ? -6 : -5) === letter) {
      return text;
    }
  }
}

/** Resolves when the server, which is in this process, has read what was written. */
async function arrived(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) {
    await turn();
  }
}

describe('a client that is in the middle of a query', () => {
  it('gets its own rows, and the others theirs', async () => {
    socket.write(protocol.serialize.parse({ text: "select 'mine: ' || $1" }));
    await answered('1');
    const theirs = other.query('select $1::int as theirs', [2]);
    await arrived();
    socket.write(protocol.serialize.bind({ values: ['first'] }));
    socket.write(protocol.serialize.execute());
    socket.write(protocol.serialize.sync());
    expect(await answered('Z')).toContain('mine: first');
    expect((await theirs).rows).toEqual([{ theirs: 2 }]);
  });

  it.each([
    ['a query', "select 1 / '0'::int, $1::text"],
    ['a query that fails', 'select nothing'],
  ])('is not waited for when it has gone, with %s begun', async (_what, text) => {
    socket.write(protocol.serialize.parse({ text }));
    await once(socket, 'data');
    const theirs = other.query('select $1::int as theirs', [2]);
    socket.destroy();
    expect((await theirs).rows).toEqual([{ theirs: 2 }]);
  });

  it('is rolled back when it has gone in a transaction', async () => {
    socket.write(protocol.serialize.query("begin; update accounts set name = 'Nobody'"));
    await answered('Z');
    const theirs = other.query('select count(*)::int from accounts where name = $1', ['Nobody']);
    socket.destroy();
    expect((await theirs).rows).toEqual([{ count: 0 }]);
  });
});
