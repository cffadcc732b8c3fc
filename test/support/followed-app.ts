import type { Server } from 'node:http';
import {
  LastEventId,
  SseChannel,
  SseChannelRegistry,
  SseConnectionLimit,
  SseHeartbeat,
  SseJobs,
} from '@nestcast/sse';
import { ManualClock, type SseStream } from '@nestcast/testing';
import { Body, Controller, Get, Header, Headers, Inject, RequestMethod } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { nextOpen } from './lifecycle.js';
import { type Adapter, type TestApp, startApp } from './nest-app.js';
import { SharedLog } from './shared-log.js';

const RETRY_MS = 50;
const HEARTBEAT_MS = 15_000;
const PAGE = '<!doctype html><meta charset="utf-8"><title>A client</title>';

/** What a stream was asked for with. */
export interface Asked {
  readonly path: string;
  readonly lastEventId: string | undefined;
  readonly authorization?: string;
  readonly body?: unknown;
}

/** All requests for streams so far, over restarts. */
class AskedFor {
  readonly all: Asked[] = [];
}

@Controller()
class FollowedController {
  constructor(
    @Inject(AskedFor) private readonly asked: AskedFor,
    private readonly channels: SseChannelRegistry,
  ) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    return PAGE;
  }

  @SseChannel('news')
  news(@LastEventId() lastEventId?: string) {
    this.asked.all.push({ path: '/news', lastEventId });
    return 'news';
  }

  @SseChannel('ask', { method: RequestMethod.POST })
  @SseHeartbeat({ visible: true })
  ask(
    @Body() body: { topic: string },
    @Headers('authorization') authorization?: string,
    @LastEventId() lastEventId?: string,
  ) {
    this.asked.all.push({ path: '/ask', lastEventId, authorization, body });
    return body.topic;
  }

  @SseChannel('one')
  @SseConnectionLimit({ perIp: 1 })
  one() {
    return 'news';
  }

  @SseChannel('job')
  job(@LastEventId() lastEventId?: string) {
    this.asked.all.push({ path: '/job', lastEventId });
    return this.channels.channel('job').fromStart();
  }
}

async function* countToThree() {
  yield { data: '1' };
  yield { data: '2' };
  yield { data: '3' };
}

/**
 * An application for clients to follow while its connections are cut and it is started again: its log lives on in another
 * node, which publishes meanwhile.
 */
export class FollowedApp {
  private readonly askedFor = new AskedFor();
  private readonly clock = new ManualClock(Date.now());
  private readonly log = new SharedLog();
  private publishing!: TestApp;
  private serving!: TestApp;
  private cutAt: string | undefined;

  private constructor(private readonly adapter: Adapter) {}

  static async start(adapter: Adapter): Promise<FollowedApp> {
    const app = new FollowedApp(adapter);
    app.publishing = await startApp('express', { sse: app.options });
    await app.serve(0);
    return app;
  }

  get url(): string {
    return this.serving.url;
  }

  get asked(): readonly Asked[] {
    return this.askedFor.all;
  }

  /** Those of the node that publishes. */
  get channels(): SseChannelRegistry {
    return this.publishing.channels;
  }

  /** Ask before the request is sent. */
  async nextOpen(): Promise<void> {
    await nextOpen(this.serving);
  }

  /** Cuts every connection, without a goodbye. */
  cut(): void {
    (this.serving.app.getHttpServer() as Server).closeAllConnections();
  }

  /** Cuts the connection of the next request for `/news`, right after these bytes of its stream. */
  cutAfter(text: string): void {
    this.cutAt = text;
  }

  /** Ends all streams with a goodbye, listens no more, and is there again on the same port. */
  async restart(): Promise<void> {
    const { port } = this.serving;
    await this.serving.close();
    await this.serve(port);
  }

  /** All connections get a heartbeat: a comment, or where it is visible an event. */
  beat(): void {
    this.clock.advance(HEARTBEAT_MS);
  }

  /** Takes the one place that `/one` has. */
  async occupy(): Promise<SseStream> {
    const stream = await this.serving.open('/one');
    await stream.connectionId();
    return stream;
  }

  /** Has a job run to its end. */
  async runJob(): Promise<void> {
    await this.serving.app.get(SseJobs).start('job', countToThree).done;
  }

  /** Ends all streams in order, with a goodbye. */
  async dismiss(): Promise<void> {
    await this.serving.channels.disconnect({ channel: 'news' });
  }

  async close(): Promise<void> {
    await this.serving.close();
    await this.publishing.close();
    await this.log.close();
  }

  private get options() {
    return {
      broker: this.log.factory,
      history: { maxEvents: 100_000 },
      heartbeat: { intervalMs: HEARTBEAT_MS },
      retry: { ms: RETRY_MS, jitter: 0 },
      drain: { reconnectWindowMs: RETRY_MS },
    };
  }

  private async serve(port: number): Promise<void> {
    this.serving = await startApp(this.adapter, {
      controllers: [FollowedController],
      providers: [{ provide: AskedFor, useValue: this.askedFor }],
      sse: this.options,
      clock: this.clock,
      port,
      configure: (app) => void app.use(this.cutWhereTold),
    });
  }

  private readonly cutWhereTold = (request: Request, response: Response, next: NextFunction): void => {
    const { cutAt } = this;
    // Browsers ask for more than a page does, an icon for one.
    if (cutAt !== undefined && request.originalUrl === '/news') {
      this.cutAt = undefined;
      const write = response.write.bind(response) as (bytes: Uint8Array, onFlushed?: unknown) => boolean;
      response.write = (bytes: Uint8Array, onFlushed?: unknown) => {
        const place = Buffer.from(bytes).indexOf(cutAt);
        return place < 0
          ? write(bytes, onFlushed)
          : write(bytes.subarray(0, place + cutAt.length), () => response.socket?.destroySoon());
      };
    }
    next();
  };
}
