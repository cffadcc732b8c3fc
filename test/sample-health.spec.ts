import { createApp } from '@nestcast/notifications';
import { PostgresServer } from '@nestcast/test-servers';
import type { INestApplication } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';

import { setEnvironment } from './support/environment.js';

const SERVERS_MS = 300_000;
const OUTAGE_MS = 60_000;
let postgres: PostgresServer;
let app: INestApplication;

beforeAll(async () => {
  postgres = await PostgresServer.start();
  const restore = setEnvironment({ DATABASE_URL: postgres.url });
  app = await createApp({ logger: false }).finally(restore);
  await app.listen(0, '127.0.0.1');
}, SERVERS_MS);
afterAll(async () => {
  await app.close();
  await postgres.stop();
});

const ready = (): request.Test => request(app.getHttpServer()).get('/health/ready');
const live = (): request.Test => request(app.getHttpServer()).get('/health/live');

describe('readiness', () => {
  it(
    'is lost with the database, and comes back with it',
    async () => {
      await ready().expect(200);
      await postgres.kill();
      const { body } = await ready().expect(503);
      expect(body).toMatchObject({
        status: 'error',
        info: { sse: { status: 'up' } },
        error: { database: { status: 'down', message: 'The database does not answer.' } },
      });
      // Another process would have no other database.
      await live().expect(200);
      await postgres.restart();
      await ready().expect(200);
    },
    OUTAGE_MS,
  );

  it('names no host to whoever asks', async () => {
    const { text } = await ready();
    expect(text).not.toContain(String(postgres.port));
  });
});
