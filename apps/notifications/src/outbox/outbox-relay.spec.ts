import { PostgresServer } from '@nestcast/test-servers';
import { SseError } from '@nestcast/sse';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { asc, isNull } from 'drizzle-orm';

import type { DatabaseConnection } from '../database/database-connection.js';
import { openServerDatabase } from '../database/server-database.js';
import { deferred } from '../spec-support/deferred.js';
import { RecordingPublisher } from '../spec-support/recording-publisher.js';
import { OutboxBatches } from './outbox-batches.js';
import { OutboxMetrics } from './outbox-metrics.js';
import { OutboxRelay } from './outbox-relay.js';
import { outboxTable } from './outbox.table.js';

const away = (): Promise<never> => Promise.reject(new SseError('BROKER_UNAVAILABLE', 'Redis is away.'));
const day = 24 * 60 * 60 * 1_000;

/** A node of the application, as far as the outbox goes. */
interface Node {
  readonly connection: DatabaseConnection;
  readonly publisher: RecordingPublisher;
  readonly relay: OutboxRelay;
}

let server: PostgresServer;
let nodes: Node[];
let database: DatabaseConnection['database'];
let said: string[];

beforeAll(async () => {
  server = await PostgresServer.start({ config: { fsync: 'off' } });
}, 30_000);

afterAll(() => server.stop());

beforeEach(async () => {
  nodes = [];
  said = [];
  const say = (line: unknown): number => said.push(String(line));
  Logger.overrideLogger({ log: say, warn: say, error: say });
  ({
    connection: { database },
  } = await start());
  await database.delete(outboxTable);
});

afterEach(async () => {
  await Promise.all(nodes.map(({ relay }) => relay.onApplicationShutdown()));
  await Promise.all(nodes.map(({ connection }) => connection.close()));
  Logger.overrideLogger(true);
});

async function start(): Promise<Node> {
  const connection = await openServerDatabase(server.url);
  const publisher = new RecordingPublisher();
  const batches = new OutboxBatches(connection.database, publisher, new OutboxMetrics(connection.database));
  const node = { connection, publisher, relay: new OutboxRelay(connection.database, batches) };
  nodes.push(node);
  return node;
}

const fill = async (count: number, channel = 'user/ada'): Promise<void> => {
  const rows = Array.from({ length: count }, (_, number) => ({ channel, type: 'told', data: { number } }));
  await database.insert(outboxTable).values(rows);
};

const waiting = (): Promise<number> => database.$count(outboxTable, isNull(outboxTable.publishedAt));

const numbersOf = ({ events }: RecordingPublisher): number[] =>
  events.map(({ data }) => (data as { number: number }).number);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

describe('OutboxRelay', () => {
  it('publishes all that waits in the order in which it was added, and marks it', async () => {
    const [{ publisher, relay }] = nodes as [Node];
    await fill(450);
    await relay.wake();
    expect(numbersOf(publisher)).toEqual(upTo(450));
    expect(publisher.events[0]).toEqual({ channel: 'user/ada', type: 'told', data: { number: 0 } });
    expect(await waiting()).toBe(0);
    await relay.wake();
    expect(publisher.attempts).toBe(450);
  });

  it('shares what waits with other nodes: each event is published once, and none is left', async () => {
    const [one] = nodes as [Node];
    const other = await start();
    await fill(1_000);
    // Each holds what it has first until the other has something as well.
    one.publisher.before = () => other.publisher.has(1);
    other.publisher.before = async () => {
      await (one.publisher.attempts === 0 ? one.publisher.attempted() : undefined);
    };
    await Promise.all([one.relay.wake(), other.relay.wake()]);
    const [ofOne, ofOther] = [numbersOf(one.publisher), numbersOf(other.publisher)];
    expect(Math.min(ofOne.length, ofOther.length)).toBeGreaterThanOrEqual(200);
    expect([...ofOne, ...ofOther].toSorted((a, b) => a - b)).toEqual(upTo(1_000));
    expect(await waiting()).toBe(0);
  });

  it('publishes again what a node had at hand when its connection broke, and that node goes on', async () => {
    const [one] = nodes as [Node];
    const other = await start();
    await fill(3);
    const asked = one.publisher.attempted();
    const held = deferred();
    one.publisher.before = () => held.promise;
    const cut = one.relay.wake();
    await asked;
    await server.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where state = 'idle in transaction'",
    );
    await other.relay.wake();
    expect(numbersOf(other.publisher)).toEqual([0, 1, 2]);
    one.publisher.before = () => Promise.resolve();
    held.resolve();
    await cut;
    await fill(1);
    await one.relay.wake();
    expect(await waiting()).toBe(0);
    expect(said.filter((line) => line.startsWith('The outbox waits'))).toHaveLength(1);
  });

  it('waits while the broker is away, says so once, and goes on', async () => {
    const [{ publisher, relay }] = nodes as [Node];
    publisher.before = away;
    await fill(450);
    await relay.wake();
    // Not over and over again: a broker that is away doesn't come back any sooner.
    expect(publisher.attempts).toBe(200);
    await relay.wake();
    expect(said).toEqual(['The outbox waits, and is tried again: SseError: Redis is away.']);
    publisher.before = () => Promise.resolve();
    await relay.wake();
    expect(said.slice(1)).toEqual(['The outbox goes on.']);
    expect(numbersOf(publisher)).toEqual(upTo(450));
    expect(await waiting()).toBe(0);
  });

  it('goes past what can’t be published now, and comes back to it', async () => {
    const [{ publisher, relay }] = nodes as [Node];
    publisher.before = ({ channel }) => (channel === 'bad' ? away() : Promise.resolve());
    await fill(199, 'bad');
    await fill(100);
    await relay.wake();
    expect(numbersOf(publisher)).toEqual(upTo(100));
    publisher.before = () => Promise.resolve();
    await relay.wake();
    expect(publisher.events).toHaveLength(299);
  });

  it('sets aside what can never be published, and says why', async () => {
    const [{ publisher, relay }] = nodes as [Node];
    publisher.before = ({ channel }) =>
      channel === ''
        ? Promise.reject(new SseError('INVALID_CHANNEL_NAME', 'It is empty.'))
        : Promise.resolve();
    await fill(1, '');
    await fill(2);
    await relay.wake();
    await relay.wake();
    expect(publisher.attempts).toBe(3);
    expect(numbersOf(publisher)).toEqual([0, 1]);
    const rows = await database
      .select({ failure: outboxTable.failure })
      .from(outboxTable)
      .orderBy(asc(outboxTable.id));
    expect(rows).toEqual([{ failure: 'It is empty.' }, { failure: null }, { failure: null }]);
    expect(said).toEqual([
      expect.stringMatching(/^The event \d+ of the outbox can’t be published: It is empty\.$/),
    ]);
  });

  it('finds by itself what nobody has woken it for, at its start and later', async () => {
    const [{ publisher, relay }] = nodes as [Node];
    await fill(1);
    relay.onApplicationBootstrap();
    await publisher.has(1);
    await fill(1);
    await publisher.has(2);
  });

  it('deletes at its start what was published more than a day ago, and nothing else', async () => {
    const [{ relay }] = nodes as [Node];
    const [old, young] = [new Date(Date.now() - 1.1 * day), new Date(Date.now() - 0.9 * day)];
    const row = { channel: 'user/ada', type: 'told', data: {}, createdAt: old };
    await database.insert(outboxTable).values([
      { ...row, publishedAt: old },
      { ...row, publishedAt: young },
      { ...row, failure: 'It is hopeless.' },
    ]);
    await relay.clean();
    const left = await database.select({ publishedAt: outboxTable.publishedAt }).from(outboxTable);
    expect(left).toEqual([{ publishedAt: young }, { publishedAt: null }]);
  });

  it('finishes what it is at when the application stops, and begins nothing more', async () => {
    const [{ publisher, relay }] = nodes as [Node];
    await fill(450);
    const held = deferred();
    publisher.before = () => held.promise;
    const asked = publisher.attempted();
    void relay.wake();
    await asked;
    const stopped = relay.onApplicationShutdown();
    held.resolve();
    await stopped;
    await relay.wake();
    expect(publisher.events).toHaveLength(200);
    expect(await waiting()).toBe(250);
  });
});
