import { type Clock, TimerWheel } from '@nestcast/hub';
import { SseChannelRegistry, SseModule, type SseModuleOptions } from '@nestcast/sse';
import { type SseRequestOptions, type SseStream, openSse } from '@nestcast/testing';
import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { RecordingLogger } from './recording-logger.js';

/** Both adapters, for `describe.each`. */
export const adapters = ['express', 'fastify'] as const;
export type Adapter = (typeof adapters)[number];

export interface AppSetup {
  readonly controllers?: Type[];
  readonly providers?: ModuleMetadata['providers'];
  readonly imports?: ModuleMetadata['imports'];
  readonly sse?: SseModuleOptions;
  /** In place of the hub's own. */
  readonly clock?: Clock;
  /** Called before the application listens. */
  readonly configure?: (app: INestApplication) => void | Promise<void>;
}

/** A running application on a port of its own, and the streams opened to it. */
export class TestApp {
  readonly logger: RecordingLogger;
  readonly channels: SseChannelRegistry;
  private readonly streams: SseStream[] = [];

  constructor(
    readonly app: INestApplication,
    readonly port: number,
    logger: RecordingLogger,
  ) {
    this.logger = logger;
    this.channels = app.get(SseChannelRegistry);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Opens a stream; it is cut off when the application is closed. */
  async open(path: string, options?: SseRequestOptions): Promise<SseStream> {
    const stream = await openSse(this.url + path, options);
    this.streams.push(stream);
    return stream;
  }

  async close(): Promise<void> {
    await Promise.all(this.streams.map((stream) => stream.abort()));
    await this.app.close();
  }
}

export async function startApp(adapter: Adapter, setup: AppSetup): Promise<TestApp> {
  const { sse, imports = [], controllers = [], providers = [], configure, clock } = setup;
  return startModule(
    adapter,
    { imports: [SseModule.forRoot(sse), ...imports], controllers, providers },
    configure,
    clock,
  );
}

/** The same for a root module that brings its own `SseModule`. */
export async function startModule(
  adapter: Adapter,
  metadata: ModuleMetadata,
  configure?: AppSetup['configure'],
  clock: Clock = new TimerWheel(),
): Promise<TestApp> {
  const logger = new RecordingLogger();
  const module = await Test.createTestingModule(metadata)
    .overrideProvider(TimerWheel)
    .useValue(clock)
    .setLogger(logger)
    .compile();
  const app = module.createNestApplication(httpAdapter(adapter));
  app.useLogger(logger);
  await configure?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return new TestApp(app, port, logger);
}

/** As behind a proxy: a test tells the client's address by X-Forwarded-For. */
function httpAdapter(adapter: Adapter): AbstractHttpAdapter {
  if (adapter === 'fastify') {
    return new FastifyAdapter({ trustProxy: true });
  }
  const express = new ExpressAdapter();
  express.set('trust proxy', true);
  return express;
}
