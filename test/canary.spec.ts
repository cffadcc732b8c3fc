import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Hub, TimerWheel } from '@nestcast/hub';
import { SseChannel, SseError, type SseModuleOptions } from '@nestcast/sse';
import { SseCanaryIndicator } from '@nestcast/sse/health';
import { Controller, ForbiddenException, Get, UseGuards } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { filter, map } from 'rxjs';
import request, { type Response } from 'supertest';
import { lateBroker } from './support/late-broker.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { SpoiltBroker } from './support/spoilt-broker.js';

class NobodyGuard {
  canActivate(): boolean {
    throw new ForbiddenException();
  }
}

@Controller()
class HealthController {
  static timeoutMs: number | undefined;

  constructor(
    private readonly health: HealthCheckService,
    private readonly canary: SseCanaryIndicator,
  ) {}

  @Get('health')
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.canary.isHealthy('canary', { timeoutMs: HealthController.timeoutMs }),
    ]);
  }

  @SseChannel('stream')
  @UseGuards(NobodyGuard)
  stream() {
    return 'a';
  }
}

describe.each(adapters)('the canary on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}, timeoutMs?: number): Promise<void> {
    HealthController.timeoutMs = timeoutMs;
    app = await startApp(adapter, {
      controllers: [HealthController],
      providers: [SseCanaryIndicator],
      imports: [TerminusModule.forRoot({ logger: false })],
      sse,
      configure: (application) => void application.setGlobalPrefix('api'),
    });
  }

  const check = async (): Promise<Response> => request(app.url).get('/api/health');
  const up = { status: 'up', roundTripMs: expect.any(Number) };
  const isUp = async (): Promise<void> => {
    const { status, body } = await check();
    expect([status, body.details]).toEqual([200, { canary: up }]);
  };
  const isDown = async (message: string): Promise<void> => {
    const { status, body } = await check();
    expect([status, body.error]).toEqual([503, { canary: { status: 'down', message } }]);
  };
  const ids = (): string[] => app.channels.connections().map(({ id }) => id);

  it('tells how long an event takes, over one connection, which no route, guard or limit stands before', async () => {
    await start({ limits: { total: 0 }, compression: {}, heartbeat: { visible: true } });
    expect(app.channels.stats().connections).toBe(0);
    await isUp();
    const first = ids();
    expect(first).toHaveLength(1);
    const { body } = await check();
    expect(body.details.canary.roundTripMs).toBeGreaterThan(0);
    expect(body.details.canary.roundTripMs).toBeLessThan(1_000);
    await Promise.all([isUp(), isUp(), isUp()]);
    expect(ids()).toEqual(first);
    expect(app.channels.stats()).toMatchObject({ connections: 1, opens: 1, published: 5, delivered: 5 });
  });

  it('listens on no port between its checks', async () => {
    await start();
    const servers = await countOf('TCPServerWrap');
    await isUp();
    expect(await countOf('TCPServerWrap')).toBe(servers);
  });

  it('finds its event in a batch as well', async () => {
    await start({ channels: { '*': { batch: { windowMs: 20 } } } });
    await isUp();
  });

  it('has patience with a broker over a network', async () => {
    await start({ broker: lateBroker() });
    await isUp();
    await isUp();
  });

  it('opens another connection when the one has gone', async () => {
    await start();
    await isUp();
    const [first = ''] = ids();
    await app.channels.disconnect({ connectionId: first });
    await isUp();
    expect(ids()).toHaveLength(1);
    expect(ids()).not.toContain(first);
  });

  it('is down while the broker refuses events, and up again with it', async () => {
    const broker = new SpoiltBroker();
    await start({ broker: broker.factory });
    await isUp();
    broker.publishing = () => Promise.reject(new SseError('BROKER_UNAVAILABLE', 'Connection refused.'));
    await isDown('Connection refused.');
    broker.publishing = undefined;
    await isUp();
  });

  it('is down while nothing can be subscribed to, and up again', async () => {
    const broker = new SpoiltBroker();
    await start({ broker: broker.factory });
    broker.subscribing = () => Promise.reject(new SseError('BROKER_UNAVAILABLE', 'Connection refused.'));
    await isDown('Connection refused.');
    expect(ids()).toEqual([]);
    broker.subscribing = undefined;
    await isUp();
  });

  it.each([
    ['takes events and carries none', (broker: SpoiltBroker) => void (broker.carries = false)],
    ['never answers a publisher', (broker: SpoiltBroker) => void (broker.publishing = never)],
    ['never answers a subscriber', (broker: SpoiltBroker) => void (broker.subscribing = never)],
  ])('is down in time while the broker %s, and up again', async (_, spoil) => {
    const broker = new SpoiltBroker();
    await start({ broker: broker.factory }, 100);
    spoil(broker);
    await isDown('The event has not come back within 100 ms.');
    await isDown('The event has not come back within 100 ms.');
    broker.heal();
    await isUp();
    expect(ids()).toHaveLength(1);
  });

  it('is down when its socket loses what is written to it, and up again with another', async () => {
    await start({}, 100);
    await isUp();
    const [connection] = app.app.get(Hub).connections();
    Object.assign(connection?.transport.direct ?? {}, { write: () => true });
    await isDown('The event has not come back within 100 ms.');
    await isUp();
    expect(ids()).toHaveLength(1);
    expect(ids()).not.toContain(connection?.id);
  });

  it('is down while the event loop is late', async () => {
    await start({}, 50);
    await isUp();
    // Published, and then nothing goes on for longer than it may take.
    const hub = app.app.get(Hub);
    const publish = hub.publish.bind(hub);
    hub.publish = (name, event) => {
      const published = publish(name, event);
      const until = performance.now() + 200;
      while (performance.now() < until);
      return published;
    };
    await isDown('The event has not come back within 50 ms.');
    hub.publish = publish;
    await isUp();
  });

  it('is down under pressure only where it would have to open a stream', async () => {
    await start({ pressure: { heapUsedRatio: 0.0001, sampleMs: 60_000 } });
    await isDown('The node has as much to do as it can take; come back in a moment.');
  });

  it('goes on while the drain is announced, doesn’t begin anew, and leaves nothing', async () => {
    const before = [await countOf('TCPServerWrap'), await countOf('TCPSocketWrap')];
    await start({ drain: { readinessDelayMs: 300 } });
    const canary = app.app.get(SseCanaryIndicator);
    await isUp();
    const hub = app.app.get(Hub);
    const closing = app.app.close();
    while (hub.ready) {
      await turn();
    }
    expect(await canary.isHealthy('canary')).toEqual({ canary: up });
    await app.channels.disconnect({ connectionId: ids()[0] ?? '' });
    expect(await canary.isHealthy('canary')).toEqual({
      canary: { status: 'down', message: 'The node is shutting down.' },
    });
    expect(app.channels.stats().opens).toBe(1);
    await closing;
    expect(app.app.get(TimerWheel).pending).toBe(0);
    expect([await countOf('TCPServerWrap'), await countOf('TCPSocketWrap')]).toEqual(before);
  });

  it('ends with the application, its stream with a goodbye, and leaves nothing', async () => {
    const before = [await countOf('TCPServerWrap'), await countOf('TCPSocketWrap')];
    await start();
    await isUp();
    const reasons: string[] = [];
    app.channels.lifecycle$
      .pipe(
        filter((event) => event.kind === 'close'),
        map(({ reason }) => reason),
      )
      .subscribe((reason) => reasons.push(reason));
    const began = performance.now();
    await app.app.close();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(reasons).toEqual(['drain']);
    expect(app.app.get(TimerWheel).pending).toBe(0);
    expect([await countOf('TCPServerWrap'), await countOf('TCPSocketWrap')]).toEqual(before);
    const canary = app.app.get(SseCanaryIndicator);
    expect(await canary.isHealthy('canary')).toEqual({
      canary: { status: 'down', message: expect.any(String) },
    });
  });

  it('leaves nothing either where the application closes while its stream is being opened', async () => {
    const before = [await countOf('TCPServerWrap'), await countOf('TCPSocketWrap')];
    const broker = new SpoiltBroker();
    await start({ broker: broker.factory });
    broker.subscribing = never;
    const canary = app.app.get(SseCanaryIndicator);
    const pending = canary.isHealthy('canary', { timeoutMs: 60_000 });
    while (ids().length === 0) {
      await turn();
    }
    await app.app.close();
    expect((await pending).canary.status).toBe('down');
    expect(app.app.get(TimerWheel).pending).toBe(0);
    expect([await countOf('TCPServerWrap'), await countOf('TCPSocketWrap')]).toEqual(before);
  });

  it('refuses a timeout that is none', async () => {
    await start();
    await expect(app.app.get(SseCanaryIndicator).isHealthy('c', { timeoutMs: Number.NaN })).rejects.toThrow(
      /^SseCanaryIndicator: .*timeoutMs must be an integer number \(got NaN\)/,
    );
  });
});

const never = (): Promise<never> => new Promise(() => undefined);

/** How many there are once those that are closing are gone. */
async function countOf(kind: string): Promise<number> {
  let count = -1;
  for (let same = 0; same < 50; same += 1) {
    await turn();
    const now = process.getActiveResourcesInfo().filter((resource) => resource === kind).length;
    same = now === count ? same : 0;
    count = now;
  }
  return count;
}
