import { TimerWheel } from '@nestcast/hub';
import { SseChannel, SseChannelRegistry, type SseEvent, SseModule } from '@nestcast/sse';
import { Controller, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Footprint } from './footprint.js';

/** An application in a process of its own that tells what it holds. */

@Controller()
class ChurnedController {
  @SseChannel('ending/:user')
  async *ending(): AsyncIterable<SseEvent> {
    yield { type: 'only', data: 'event' };
  }

  @SseChannel('open/:user')
  open(@Param('user') user: string) {
    return [`user/${user}`, 'everybody'];
  }
}

/** With all that a connection can hold: slots of each limit, and times at which something is due. */
@Module({
  imports: [
    SseModule.forRoot({
      limits: { total: 1_000, perUser: 10, perIp: 1_000, perChannel: 1_000 },
      identify: ({ params }: { params: { user: string } }) => params.user,
      expiresAt: () => Date.now() + 3_600_000,
    }),
  ],
  controllers: [ChurnedController],
})
class ChurnedModule {}

const adapter = process.argv[2] === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(ChurnedModule, adapter, { logger: false });
await app.listen(0, '127.0.0.1');
const channels = app.get(SseChannelRegistry);

/** After a collection. */
function footprint(): Footprint {
  globalThis.gc?.();
  globalThis.gc?.();
  const resources = process.getActiveResourcesInfo();
  const { connections, channels: channelCount, opens } = channels.stats();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    sockets: resources.filter((kind) => kind === 'TCPSocketWrap').length,
    timers: resources.filter((kind) => kind === 'Timeout').length,
    tasks: app.get(TimerWheel).pending,
    connections,
    channels: channelCount,
    opens,
  };
}

process.on('message', () => process.send?.(footprint()));
process.send?.(app.getHttpServer().address().port);
