/** Starts the README's first channel as it stands there, reads its stream, publishes, and prints what arrives. */
import 'reflect-metadata';
import { openSse } from '@nestcast/testing';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './first-channel.js';

const adapters: Record<string, () => Promise<AbstractHttpAdapter>> = {
  express: async () => new (await import('@nestjs/platform-' + 'express')).ExpressAdapter(),
  fastify: async () => new (await import('@nestjs/platform-' + 'fastify')).FastifyAdapter(),
};
const adapter = await adapters[process.argv[2] ?? '']?.();
if (!adapter) {
  throw new Error(`Which adapter? One of ${Object.keys(adapters).join(', ')}.`);
}
const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const url = `http://127.0.0.1:${app.getHttpServer().address().port}/news`;
const stream = await openSse(`${url}/stream`);
await stream.control('sse:connected');
await fetch(url, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ title: 'It runs' }),
});
const { type, data } = await stream.next();
process.stdout.write(`${type} ${data}\n`);
await app.close();
