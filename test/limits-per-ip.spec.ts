import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseModule } from '@nestcast/sse';
import type { SseStream } from '@nestcast/testing';
import { Controller } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type TestApp, adapters, startModule } from './support/nest-app.js';

@Controller('news')
class NewsController {
  @SseChannel()
  news() {
    return 'news';
  }
}

const forwarded: Record<string, string>[] = [
  { 'x-forwarded-for': '10.0.0.1' },
  { 'x-forwarded-for': '10.0.0.2, 10.0.0.3' },
  { 'x-real-ip': '10.0.0.4' },
  { forwarded: 'for=10.0.0.5' },
  {},
];

describe.each(adapters)('[L1] perIp on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  const start = async (trusted: boolean): Promise<void> => {
    const express = new ExpressAdapter();
    express.set('trust proxy', trusted);
    const server = adapter === 'fastify' ? new FastifyAdapter({ trustProxy: trusted }) : express;
    const imports = [SseModule.forRoot({ limits: { perIp: 1 } })];
    app = await startModule(server, { imports, controllers: [NewsController] });
  };

  const openAll = async (): Promise<number[]> => {
    const streams: SseStream[] = [];
    for (const headers of forwarded) {
      streams.push(await app.open('/news', { headers }));
    }
    return streams.map(({ status }) => status);
  };

  it('does not believe what a client says of its address where no proxy is trusted', async () => {
    await start(false);
    expect(await openAll()).toEqual([200, 429, 429, 429, 429]);
    expect(app.channels.connections().map(({ ip }) => ip)).toEqual([expect.stringMatching(/127\.0\.0\.1$/)]);
  });

  it('counts the address that a trusted proxy tells', async () => {
    await start(true);
    expect(await openAll()).toEqual([200, 200, 200, 429, 429]);
    expect(app.channels.connections().map(({ ip }) => ip)).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      expect.stringMatching(/127\.0\.0\.1$/),
    ]);
  });
});
