import { SseChannel, SseChannelRegistry, SseModule, clusterBroker, runCluster } from '@nestcast/sse';
import { Controller, Get, Inject, Module, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** An application over several workers on one port; its primary tells whoever has started it what happens to them. */

const [adapter, port = '', workers = '', failure] = process.argv.slice(2);

@Controller()
class ClusterController {
  constructor(@Inject(SseChannelRegistry) private readonly channels: SseChannelRegistry) {}

  @SseChannel('stream')
  stream() {
    return 'news';
  }

  @SseChannel('log')
  log() {
    return this.channels.channel('news').fromStart();
  }

  @Post('publish')
  async publish(@Query('data') data: string) {
    const id = await this.channels.publish('news', { data });
    return { id, pid: process.pid };
  }

  @Get('presence')
  presence() {
    return this.channels.presence('news');
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

async function bootstrap(): Promise<void> {
  if (failure !== undefined) {
    throw new Error(failure);
  }
  const app = await NestFactory.create(
    ClusterModule,
    adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    { logger: ['error', 'warn'] },
  );
  app.enableShutdownHooks();
  await app.listen(Number(port), '127.0.0.1');
}

await runCluster(bootstrap, { workers: Number(workers), onReport: (report) => process.send?.(report) });
