import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, type SseModuleOptions } from '@nestcast/sse';
import { SseHealthIndicator } from '@nestcast/sse/health';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import request from 'supertest';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { WatchedBroker } from './support/watched-broker.js';

@Controller()
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly sse: SseHealthIndicator,
  ) {}

  @Get('health')
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.sse.isHealthy('streams')]);
  }

  @SseChannel('stream')
  stream() {
    return ['a', 'b'];
  }
}

describe.each(adapters)('the health of streams on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}): Promise<void> {
    app = await startApp(adapter, {
      controllers: [HealthController],
      providers: [SseHealthIndicator],
      imports: [TerminusModule.forRoot({ logger: false })],
      sse,
    });
  }

  it('is up, with what it holds', async () => {
    await start();
    const stream = await app.open('/stream');
    await stream.connectionId();
    const { body } = await request(app.url).get('/health').expect(200);
    expect(body).toMatchObject({
      status: 'ok',
      details: { streams: { status: 'up', connections: 1, channels: 2, lagging: 0, broker: 'up' } },
    });
  });

  it('is down while its broker is, and up again with it', async () => {
    const broker = new WatchedBroker();
    await start({ broker: broker.factory });
    broker.health = { up: false, detail: 'connection refused' };
    const { body } = await request(app.url).get('/health').expect(503);
    expect(body).toMatchObject({
      status: 'error',
      error: {
        streams: { status: 'down', broker: 'connection refused', message: 'The broker does not answer.' },
      },
    });
    broker.health = { up: true };
    await request(app.url).get('/health').expect(200);
  });

  it('[S1] is down before streams end, which go on as long as readiness takes to be noticed', async () => {
    await start({ drain: { readinessDelayMs: 400 } });
    const stream = await app.open('/stream');
    await stream.connectionId();
    const began = performance.now();
    const closing = app.app.close();
    const { body } = await request(app.url).get('/health').expect(503);
    expect(body).toMatchObject({
      error: { streams: { status: 'down', connections: 1, message: 'The node is shutting down.' } },
    });
    await app.channels.publish('a', { data: 'still here' });
    expect(await stream.next()).toMatchObject({ data: 'still here' });
    // Whoever comes all the same is still served.
    expect((await app.open('/stream')).status).toBe(200);
    await closing;
    expect(await stream.control('sse:goodbye')).toMatchObject({ reason: 'drain' });
    expect(performance.now() - began).toBeGreaterThanOrEqual(400);
    expect(performance.now() - began).toBeLessThan(1_400);
  });
});
