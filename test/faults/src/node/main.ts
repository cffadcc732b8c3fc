import { type BrokerFactory, memoryBroker } from '@nestcast/hub';
import { redisBroker } from '@nestcast/redis';
import { SseChannel, SseChannelRegistry, SseConnectionLimit, SseModule } from '@nestcast/sse';
import { SseHealthIndicator } from '@nestcast/sse/health';
import { Controller, Get, Module, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { mischiefOnTheWire } from './mischief.js';
import type { Answer, BrokerSettings, Call, Listening, NodeCommands, NodeSettings } from './node-protocol.js';

/** An application node, in a process of its own: streams over HTTP, everything else as its parent says. */

const CAP = 3;
/** More than any round publishes: what a client misses is missing for another reason than that. */
const HISTORY = 100_000;

const settings = JSON.parse(process.argv[2] ?? '') as NodeSettings;

@Controller()
class StreamController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly sse: SseHealthIndicator,
  ) {}

  /** Channels by name: `?channel=a&channel=b`. */
  @SseChannel('stream')
  stream(@Query('channel') channel: string | string[]) {
    return channel;
  }

  /** At most three of one `?user=`. */
  @SseChannel('capped')
  @SseConnectionLimit({ perUser: CAP })
  capped() {
    return 'capped';
  }

  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.sse.isHealthy('streams')]);
  }
}

function brokerOf({ kind, ...options }: BrokerSettings): BrokerFactory {
  switch (kind) {
    case 'memory':
      return memoryBroker();
    case 'redis':
      return redisBroker(options);
  }
}

@Module({
  imports: [
    TerminusModule.forRoot({ logger: false }),
    SseModule.forRoot({
      broker: brokerOf(settings.broker),
      history: { maxEvents: HISTORY },
      closeRecords: false,
      identify: ({ query }: { query: { user?: string } }) => query.user,
      ...(settings.heartbeatMs && { heartbeat: { intervalMs: settings.heartbeatMs } }),
    }),
  ],
  providers: [SseHealthIndicator],
  controllers: [StreamController],
})
class NodeModule {}

const adapter = settings.adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(NodeModule, adapter, { logger: ['error', 'warn', 'fatal'] });
if (settings.mischief) {
  app.use(mischiefOnTheWire(settings.mischief));
}
await app.listen(settings.port, '127.0.0.1');
const channels = app.get(SseChannelRegistry);

const commands: NodeCommands = {
  publish: (channel, data) => channels.publish(channel, { data }),
  block: (ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
  presence: (channel) => channels.presence(channel),
  disconnect: (filter, reason) => channels.disconnect(filter, reason),
  connections: () => channels.stats().connections,
  heap: () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  },
};

function tell(message: Answer | Listening): void {
  process.send?.(message);
}

async function answer({ call, name, args }: Call): Promise<void> {
  const command = commands[name] as (...each: readonly unknown[]) => unknown;
  try {
    tell({ call, value: await command(...args) });
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    tell({ call, error: { message, ...(code && { code }) } });
  }
}

process.on('message', (call) => void answer(call as Call));
// A node whose parent has gone has no purpose.
process.once('disconnect', () => process.exit());
tell({ port: app.getHttpServer().address().port });
