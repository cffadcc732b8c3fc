import { describe, expect, it } from '@jest/globals';
import {
  type Channel,
  type ChannelEventOf,
  SseChannel,
  SseChannelRegistry,
  type SseEvent,
  type SseEventOf,
} from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { startApp } from './support/nest-app.js';

/** As a server and its client have it in common. */
interface OrderEvents {
  'order.placed': { readonly id: string; readonly items: readonly string[] };
  'order.paid': { readonly id: string };
  message: string;
}

@Controller()
class OrdersController {
  constructor(private readonly channels: SseChannelRegistry) {}

  @SseChannel('orders')
  orders() {
    return this.channels.channel<OrderEvents>('orders').fromStart();
  }

  @SseChannel('private')
  *private(): Iterable<SseEventOf<OrderEvents>> {
    yield { type: 'order.paid', data: { id: '1' } };
  }
}

/** Compiled, and not called: each mistake is one for the compiler. */
export async function mistakes(channels: SseChannelRegistry): Promise<void> {
  const orders = channels.channel<OrderEvents>('orders');
  // @ts-expect-error -- no such type
  await orders.publish({ type: 'order.shipped', data: { id: '1' } });
  // @ts-expect-error -- another type's data
  await orders.publish({ type: 'order.placed', data: { id: '1' } });
  // @ts-expect-error -- no data
  await orders.publish({ type: 'order.paid' });
  // @ts-expect-error -- without a type it is a message
  await orders.publish({ data: { id: '1' } });
  // @ts-expect-error -- the data has the map's type
  await channels.publish<OrderEvents>('orders', { type: 'order.paid', data: { id: 1 } });
  // @ts-expect-error -- a map has types and their data
  await channels.publish<string>('orders', { data: 'x' });
  orders.events$.subscribe((event) => {
    if (event.type === 'order.placed') {
      event.data.items.join();
      // @ts-expect-error -- of another type
      event.data.total();
    }
    // @ts-expect-error -- no such type
    return event.type === 'order.shipped';
  });
}

/** What holds without a map, and between the two. */
export function conversions(channels: SseChannelRegistry, event: SseEventOf<OrderEvents>): void {
  const any: SseEvent = event;
  const channel: Channel = channels.channel<OrderEvents>('orders');
  const received: ChannelEventOf<OrderEvents>['data'] = 'text';
  const publish: (name: string, event: SseEvent) => Promise<string> = channels.publish.bind(channels);
  const [, published]: Parameters<SseChannelRegistry['publish']> = ['orders', { type: 'any', data: 1 }];
  void [any, channel, received, publish, published];
}

describe('events that are typed by a map', () => {
  it('are published, and received, as all others', async () => {
    const app = await startApp('express', { controllers: [OrdersController] });
    try {
      const orders = app.channels.channel<OrderEvents>('orders');
      await orders.publish({ type: 'order.placed', data: { id: '1', items: ['tea'] }, key: '1' });
      await app.channels.publish<OrderEvents>('orders', { type: 'order.paid', data: { id: '1' } });
      await orders.publish({ data: 'without a type', retryMs: 1_000 });
      await orders.publish({ type: 'message', data: 'with it', ephemeral: true });
      const stream = await app.open('/orders');
      expect((await stream.take(3)).map(({ type, data }) => [type, data])).toEqual([
        ['order.placed', '{"id":"1","items":["tea"]}'],
        ['order.paid', '{"id":"1"}'],
        ['message', 'without a type'],
      ]);
      expect((await (await app.open('/private')).next()).type).toBe('order.paid');
    } finally {
      await app.close();
    }
  });
});
