import { SseChannel, SseChannelRegistry, SseModule, clusterBroker } from '@nestcast/sse';
import { Controller, Get, Inject, Module, Param, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** What the workers of cluster-main.ts serve. */

@Controller()
class ClusterController {
  constructor(@Inject(SseChannelRegistry) private readonly channels: SseChannelRegistry) {}

  @SseChannel('stream/:channel')
  stream(@Param('channel') channel: string) {
    return channel;
  }

  @SseChannel('log/:channel')
  log(@Param('channel') channel: string) {
    return this.channels.channel(channel).fromStart();
  }

  @Post('publish/:channel')
  async publish(@Param('channel') channel: string, @Query('data') data: string) {
    const id = await this.channels.publish(channel, { data });
    return { id, pid: process.pid };
  }

  @Get('presence/:channel')
  presence(@Param('channel') channel: string) {
    return this.channels.presence(channel);
  }

  @Post('disconnect')
  disconnect(@Query('user') user: string) {
    return this.channels.disconnect({ userId: user });
  }

  @Get('worker')
  worker() {
    return { pid: process.pid, connections: this.channels.connections().length };
  }

  /** Answers, and then does nothing else for so long. */
  @Get('block')
  block(@Query('ms') ms: string) {
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms)));
    return { pid: process.pid };
  }
}

@Module({
  imports: [
    SseModule.forRoot({
      broker: clusterBroker(),
      closeRecords: false,
      history: { maxEvents: 100_000 },
      limits: { perUser: 3 },
      identify: ({ headers }: { headers: Record<string, string | undefined> }) => headers['x-user'],
      retry: { ms: 100 },
      drain: { reconnectWindowMs: 200 },
      balance: { surplusMin: 4, intervalMs: 500 },
    }),
  ],
  controllers: [ClusterController],
})
class ClusterModule {}

export async function serve(adapter: string, port: number): Promise<void> {
  const app = await NestFactory.create(
    ClusterModule,
    adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    { logger: ['error', 'warn'] },
  );
  app.enableShutdownHooks();
  await app.listen(port, '127.0.0.1');
}
