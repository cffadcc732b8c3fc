import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type BrokerFactory,
  SseChannel,
  SseTicketGuard,
  SseTicketService,
  memoryBroker,
} from '@nestcast/sse';
import { ManualClock, type SseStream } from '@nestcast/testing';
import { Controller, UseGuards } from '@nestjs/common';
import { LateLeases } from './support/late-leases.js';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { type Deferred, deferred } from './support/deferred.js';
import { until } from './support/until.js';

let handled = 0;

@Controller()
class StreamController {
  @SseChannel('news')
  news() {
    handled += 1;
    return 'news';
  }

  @SseChannel('ticketed')
  @UseGuards(SseTicketGuard)
  ticketed() {
    handled += 1;
    return 'news';
  }
}

describe.each(adapters)('a broker that answers nothing, on %s', (adapter) => {
  let app: TestApp;
  let store: LateLeases;
  let gate: Deferred;
  let clock: ManualClock;
  let spends = 0;
  afterEach(() => app.close());

  async function start(): Promise<void> {
    handled = 0;
    store = new LateLeases();
    gate = deferred();
    clock = new ManualClock();
    store.gate = gate.promise;
    app = await startApp(adapter, { controllers: [StreamController], sse: { broker: store.broker }, clock });
  }

  /** One whose leases are the node's own, but that never tells whether a ticket is used. */
  async function startTicketed(): Promise<void> {
    handled = 0;
    spends = 0;
    clock = new ManualClock();
    const broker: BrokerFactory = (context) =>
      Object.assign(memoryBroker()(context), {
        spendOnce: () => {
          spends += 1;
          return new Promise(() => undefined);
        },
      });
    app = await startApp(adapter, { controllers: [StreamController], sse: { broker }, clock });
  }

  async function openTicketed(): Promise<SseStream> {
    const ticket = await app.app.get(SseTicketService).issue({ userId: 'ann' });
    return app.open(`/ticketed?ticket=${ticket}`);
  }

  it('does not hold up the stop of the node by the limits that it counts', async () => {
    await start();
    const answer = app.open('/news');
    await until(() => store.asked > 0);
    const began = performance.now();
    await app.app.close();
    expect(performance.now() - began).toBeLessThan(1_500);
    expect((await answer).status).toBe(503);
    expect(handled).toBe(0);
  });

  it('does not hold up the stop of the node by the tickets that it spends', async () => {
    await startTicketed();
    const answer = openTicketed();
    await until(() => spends > 0);
    const began = performance.now();
    await app.app.close();
    expect(performance.now() - began).toBeLessThan(1_500);
    const { status, headers } = await answer;
    expect([status, headers['retry-after']]).toEqual([503, '3']);
  });

  it('is waited for no longer than 5 s, and its late lease is given back', async () => {
    await start();
    const answer = app.open('/news');
    await until(() => store.asked > 0 && store.size > 0);
    clock.advance(4_999);
    expect(store.size).toBe(1);
    clock.advance(1);
    const { status, headers } = await answer;
    expect([status, headers['retry-after'], handled]).toEqual([503, '3', 0]);
    gate.resolve();
    await until(() => store.size === 0);
    expect((await app.open('/news')).status).toBe(200);
  });

  it('lets nobody in by a ticket', async () => {
    await startTicketed();
    const answer = openTicketed();
    await until(() => spends > 0);
    clock.advance(5_000);
    expect((await answer).status).toBe(503);
    expect(handled).toBe(0);
  });
});
