import { afterEach, describe, expect, it } from '@jest/globals';
import { NodePressureProbe, type PressureSample } from '@nestcast/hub';
import { SseChannel, SseConnectionLimit, type SseModuleOptions } from '@nestcast/sse';
import { SseCanaryIndicator, SseHealthIndicator, type SseHealthOptions } from '@nestcast/sse/health';
import type { SseStream } from '@nestcast/testing';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import request from 'supertest';
import { nextClose } from './support/lifecycle.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { WatchedBroker } from './support/watched-broker.js';

@Controller()
class HealthController {
  static options: SseHealthOptions | undefined;

  constructor(
    private readonly health: HealthCheckService,
    private readonly sse: SseHealthIndicator,
    private readonly canary: SseCanaryIndicator,
  ) {}

  @Get('health')
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.sse.isHealthy('streams', HealthController.options)]);
  }

  @Get('canary')
  @HealthCheck()
  checkCanary(): Promise<HealthCheckResult> {
    return this.health.check([() => this.canary.isHealthy('canary')]);
  }

  @SseChannel('stream')
  stream() {
    return ['a', 'b'];
  }

  @SseChannel('separate')
  @SseConnectionLimit({ total: 2 })
  separate() {
    return 'a';
  }
}

describe.each(adapters)('the health of streams on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}): Promise<void> {
    HealthController.options = undefined;
    app = await startApp(adapter, {
      controllers: [HealthController],
      providers: [SseHealthIndicator, SseCanaryIndicator],
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
      details: {
        streams: {
          status: 'up',
          connections: 1,
          channels: 2,
          lagging: 0,
          broker: 'up',
          utilisation: 0,
          pressure: {
            under: false,
            eventLoopDelayMs: expect.any(Number),
            heapUsedRatio: expect.any(Number),
          },
        },
      },
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

  it.each([
    [800, undefined],
    [50, { timeoutMs: 50 }],
  ])('is down after %d ms while its broker doesn’t answer, and up again with it', async (ms, options) => {
    const broker = new WatchedBroker();
    await start({ broker: broker.factory });
    HealthController.options = options;
    broker.health = new Promise(() => undefined);
    const began = performance.now();
    const { body } = await request(app.url).get('/health').expect(503);
    expect(performance.now() - began).toBeLessThan(ms + 1_000);
    expect(body.error.streams).toMatchObject({
      broker: `no answer within ${ms} ms`,
      message: 'The broker does not answer.',
    });
    broker.health = { up: true };
    await request(app.url).get('/health').expect(200);
  });

  it('is down under pressure, and up again after it', async () => {
    await start({ pressure: { sampleMs: 1 } });
    const fares = (heapUsed: number): void => {
      const sample: PressureSample = { eventLoopDelayMs: 0, heapUsed, heapLimit: 1 };
      app.app.get(NodePressureProbe).sample = () => sample;
    };
    fares(0.5);
    await request(app.url).get('/health').expect(200);
    fares(0.95);
    const { body } = await request(app.url).get('/health').expect(503);
    expect(body.error.streams).toMatchObject({
      status: 'down',
      pressure: { under: true, eventLoopDelayMs: 0, heapUsedRatio: 0.95 },
      message: 'The node is under pressure: its event loop or its heap is above a mark.',
    });
    fares(0.5);
    await request(app.url).get('/health').expect(200);
  });

  it('is down when the node is full, and up again when it is not', async () => {
    await start({ limits: { total: 2 } });
    const streams = [await app.open('/stream'), await app.open('/stream')];
    const { body } = await request(app.url).get('/health').expect(503);
    expect(body.error.streams).toMatchObject({
      status: 'down',
      utilisation: 1,
      message: 'The node is full: 100 % of its limit (total) are in use.',
    });
    await drop(streams[0]);
    const { body: after } = await request(app.url).get('/health').expect(200);
    expect(after.details.streams).toMatchObject({ status: 'up', utilisation: 0.5 });
  });

  it('is down at the utilisation that it is told, of those that count against the limit', async () => {
    await start({ limits: { total: 4 } });
    HealthController.options = { maxUtilisation: 0.5 };
    // It holds no slot.
    await request(app.url).get('/canary').expect(200);
    const streams = [await app.open('/stream'), await app.open('/stream')];
    const { body } = await request(app.url).get('/health').expect(503);
    expect(body.error.streams).toMatchObject({
      connections: 3,
      utilisation: 0.5,
      message: 'The node is full: 50 % of its limit (total) are in use.',
    });
    await drop(streams[0]);
    await request(app.url).get('/health').expect(200);
  });

  it('is not down for the streams of a route with a total of its own', async () => {
    await start({ limits: { total: 1 } });
    const streams = [await app.open('/separate'), await app.open('/separate')];
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    const { body } = await request(app.url).get('/health').expect(200);
    expect(body.details.streams).toMatchObject({ connections: 2, utilisation: 0 });
    expect((await app.open('/stream')).status).toBe(200);
    await request(app.url).get('/health').expect(503);
  });

  it('tells all that is wrong', async () => {
    const broker = new WatchedBroker();
    await start({ broker: broker.factory, limits: { total: 0 } });
    broker.health = { up: false };
    const { body } = await request(app.url).get('/health').expect(503);
    expect(body.error.streams.message).toBe(
      'The broker does not answer. The node is full: 100 % of its limit (total) are in use.',
    );
  });

  it.each([0, 1.1, Number.NaN])('refuses %d for a utilisation', async (maxUtilisation) => {
    await start();
    await expect(app.app.get(SseHealthIndicator).isHealthy('streams', { maxUtilisation })).rejects.toThrow(
      /^SseHealthIndicator: .*maxUtilisation/,
    );
  });

  it('refuses a time that is none', async () => {
    await start();
    await expect(app.app.get(SseHealthIndicator).isHealthy('streams', { timeoutMs: 0 })).rejects.toThrow(
      /^SseHealthIndicator: .*timeoutMs/,
    );
  });

  /** Drops a stream, and resolves when the server knows. */
  async function drop(stream: SseStream | undefined): Promise<void> {
    const closed = nextClose(app);
    await stream?.abort();
    await closed;
  }

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
