import { afterEach, describe, expect, it } from '@jest/globals';
import { type BrokerFactory, NodeLeases, TimerWheel } from '@nestcast/hub';
import { SseChannel, SseConnectionLimit, memoryBroker } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller('orders')
class OrdersController {
  @SseChannel()
  @SseConnectionLimit({ perIp: 1 })
  stream() {
    return 'orders';
  }
}

@Controller('prices')
class PricesController {
  @SseChannel()
  @SseConnectionLimit({ perIp: 1 })
  stream() {
    return 'prices';
  }
}

describe.each(adapters)("a route's own limit on %s, over nodes that share a store", (adapter) => {
  const apps: TestApp[] = [];
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });

  /** Two nodes of one application, with one store for both. */
  async function startTwo(): Promise<[TestApp, TestApp]> {
    const leases = new NodeLeases(new TimerWheel());
    const broker: BrokerFactory = (context) => Object.assign(memoryBroker()(context), { leases });
    const start = async (): Promise<TestApp> => {
      const app = await startApp(adapter, {
        controllers: [OrdersController, PricesController],
        sse: { broker },
      });
      apps.push(app);
      return app;
    };
    return [await start(), await start()];
  }

  it('is the same on all of them, whichever of its routes a node is asked for first', async () => {
    const [one, other] = await startTwo();
    expect((await one.open('/orders')).status).toBe(200);
    expect((await other.open('/prices')).status).toBe(200);
    expect((await other.open('/orders')).status).toBe(429);
    expect((await one.open('/prices')).status).toBe(429);
  });
});
