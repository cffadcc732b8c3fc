import { access } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresServer } from './postgres-server.js';

const WORK = "INSERT INTO words VALUES ('lost'); DO $$ BEGIN LOOP END LOOP; END $$";
const AT_WORK = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'INSERT%LOOP%'";
/** The first may have to be installed. */
const TIMEOUT = 120_000;

describe('PostgresServer', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start({ config: { max_connections: '20' } });
  }, TIMEOUT);

  afterAll(() => server.stop());

  it('answers, with the settings that it was given', async () => {
    expect(await server.query("SELECT 'zwölf Boxkämpfer', 12")).toBe('zwölf Boxkämpfer|12');
    expect(await server.query('SHOW max_connections')).toBe('20');
    expect(await server.query('SHOW fsync')).toBe('on');
    await expect(server.query('SELECT 1 / 0')).rejects.toThrow('division by zero');
  });

  it('has databases, empty or as another is', async () => {
    const name = 'it\'s a "template"';
    expect(await server.createDatabase(name)).toBe(server.urlOf(name));
    await server.query("CREATE TABLE words (word text); INSERT INTO words VALUES ('copied')", name);
    await server.createDatabase('copy', name);
    expect(await server.query('SELECT word FROM words', 'copy')).toBe('copied');
    await server.createDatabase('empty');
    await expect(server.query('SELECT word FROM words', 'empty')).rejects.toThrow('does not exist');
  });

  it(
    'comes back from a crash with what was committed, and without what was at work',
    async () => {
      await server.query("CREATE TABLE words (word text); INSERT INTO words VALUES ('kept')");
      const work = server.query(WORK).catch(String);
      while ((await server.query(AT_WORK)) !== '1');
      await server.kill();
      expect(await work).toContain('server closed the connection unexpectedly');
      await expect(server.query('SELECT 1')).rejects.toThrow('Connection refused');
      await server.restart();
      expect(await server.query('SELECT word FROM words')).toBe('kept');
    },
    TIMEOUT,
  );

  it('leaves nothing behind', async () => {
    const folder = await server.query('SHOW data_directory');
    await access(folder);
    await server.stop();
    await expect(access(folder)).rejects.toThrow('ENOENT');
  });

  it(
    'says why it has not started',
    async () => {
      await expect(PostgresServer.start({ config: { max_connections: 'many' } })).rejects.toThrow(
        /instead of starting:\n.*invalid value for parameter "max_connections"/,
      );
    },
    TIMEOUT,
  );
});
