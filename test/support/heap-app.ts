import { type HeapSpaceInfo, getHeapSpaceStatistics } from 'node:v8';
import { SseChannel, SseChannelRegistry, SseModule } from '@nestcast/sse';
import { Controller, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/**
 * An application in a process of its own with a small heap, which it fills and frees as its parent says. Its pressure has
 * the default marks.
 */

const SPACE_MB = 192;
const TICK_MS = 20;
/** Characters, of a byte each. */
const CHUNK = 256 * 1024;

@Controller('stream')
class StreamController {
  @SseChannel(':name')
  stream(@Param('name') name: string) {
    return name;
  }
}

@Module({
  imports: [SseModule.forRoot({ pressure: { sampleMs: 100, idleMs: 3_000, shedRatio: 0.25 } })],
  controllers: [StreamController],
})
class HeapModule {}

const adapter = process.argv[2] === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(HeapModule, adapter, { logger: false });
await app.listen(0, '127.0.0.1');
const channels = app.get(SseChannelRegistry);

let ticks = 0;
const ticking = setInterval(() => {
  ticks += 1;
  void channels.publish('busy', { data: ticks });
}, TICK_MS);

let held: string[] = [];

const isOld = ({ space_name: name }: HeapSpaceInfo): boolean => !name.startsWith('new_');
const oldGeneration = (): number =>
  getHeapSpaceStatistics()
    .filter(isOld)
    .reduce((sum, { space_used_size: used }) => sum + used, 0);

/** A little past the mark, with next to nothing that a collection would give back. */
function fill(): void {
  globalThis.gc?.();
  while (oldGeneration() < 0.915 * SPACE_MB * 2 ** 20) {
    held.push(Buffer.alloc(CHUNK, held.length).toString('latin1'));
  }
}

function free(): void {
  held = [];
  globalThis.gc?.();
}

async function close(): Promise<void> {
  clearInterval(ticking);
  await app.close();
  // Nothing else may keep the process alive now.
  process.disconnect();
}

const commands: Readonly<Record<string, () => unknown>> = { fill, free, close };
process.on('message', (command: string) => void commands[command]?.());
process.send?.(app.getHttpServer().address().port);
