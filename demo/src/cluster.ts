/**
 * The sample on two nodes over one Redis and one database, behind one port: open the page in two windows and see an event
 * cross. Ctrl+C ends everything. PORT (default 3000) is the proxy's; DATABASE_FOLDER is where the database stays, which is
 * deleted otherwise.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveEmbeddedDatabase } from '@nestcast/notifications/database';
import { RedisServer } from '@nestcast/test-servers';

import { AppNode } from './app-node.js';
import { LocalProxy } from './local-proxy.js';

const NAMES = ['node A', 'node B'];
const DEFAULT_PORT = '3000';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What has been started, to be ended in the opposite order. */
const ends: (() => Promise<void>)[] = [];

async function endAll(): Promise<void> {
  for (const end of ends.splice(0).toReversed()) {
    await end();
  }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nestcast-demo-'));
  ends.push(() => rm(folder, { recursive: true }));
  return folder;
}

async function start(): Promise<void> {
  const redis = await RedisServer.start({ ownGroup: true });
  ends.push(() => redis.stop());
  say(`Redis    ${redis.url}  (pid ${redis.pid})`);
  const folder = process.env['DATABASE_FOLDER'] || (await temporaryFolder());
  // Of this process, so that nobody needs a PostgreSQL server to see this.
  const database = await serveEmbeddedDatabase(folder);
  ends.push(() => database.close());
  const environment = {
    BROKER: 'redis',
    REDIS_URL: redis.url,
    DATABASE_URL: database.url,
    DATABASE_FOLDER: '',
    DEMO_PASSWORD: 'nestcast',
    SESSION_SECRET: randomBytes(32).toString('base64url'),
    TRUST_PROXY: '1',
  };
  const nodes = NAMES.map((name) => AppNode.start(name, environment, (line) => say(`[${name}] ${line}`)));
  ends.push(async () => void (await Promise.all(nodes.map((node) => node.stop()))));
  const targets = await Promise.all(nodes.map(async ({ name, url }) => ({ name, url: await url })));
  const port = Number(process.env['PORT'] || DEFAULT_PORT);
  const proxy = await LocalProxy.start(targets, port, ({ name }) => say(`A stream goes to ${name}.`));
  ends.push(() => proxy.close());
  for (const [index, node] of nodes.entries()) {
    say(`${node.name}   ${targets[index]?.url.origin}  (pid ${node.pid})`);
    void takeOutAtItsEnd(node, proxy);
  }
  say(
    `Open ${proxy.url} in two windows: the page says which node serves it, and each event where it came in.`,
  );
  say('Kill a node by its pid and its windows go on with the other. Ctrl+C ends everything.');
}

async function takeOutAtItsEnd({ name, ended }: AppNode, proxy: LocalProxy): Promise<void> {
  const end = await ended;
  proxy.remove(name);
  say(`${name} has ended with ${end}.`);
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const asked = new Promise<void>((resolve) =>
  // A second one must not end this process before what it has started.
  signals.forEach((signal) => process.on(signal, () => resolve())),
);

try {
  await start();
  await asked;
  say('Ending everything.');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await endAll();
}
