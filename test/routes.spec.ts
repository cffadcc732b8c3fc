import { afterEach, describe, expect, it } from '@jest/globals';
import { LastEventId, SseChannel, type SseEvent } from '@nestcast/sse';
import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Inject,
  Injectable,
  Param,
  Query,
  Req,
  RequestMethod,
  Scope,
  UseGuards,
  ValidationPipe,
  Version,
  VersioningType,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { IsString } from 'class-validator';
import request from 'supertest';
import { type Observable, of } from 'rxjs';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { CurrentUser, UserGuard, as } from './support/user.guard.js';

class Question {
  @IsString() question = '';
}

@Controller('docs')
class DocsController {
  @SseChannel('rooms/:room')
  room(@Param('room') room: string, @Query('side') side: string) {
    return `room/${room}/${side}`;
  }

  @SseChannel('echo')
  echo(@Req() { url }: { url: string }, @LastEventId() id: string | undefined): Observable<SseEvent> {
    return of({ data: [url, id ?? 'none'] });
  }

  @SseChannel('mine')
  @UseGuards(UserGuard)
  mine(@CurrentUser() user: string) {
    return [`user/${user}`, 'all'];
  }

  @SseChannel(['one', 'two'])
  several() {
    return 'several';
  }

  @SseChannel('ask', { method: RequestMethod.POST })
  async *ask(@Body() { question }: Question): AsyncGenerator<SseEvent> {
    yield { type: 'answer', data: question.toUpperCase() };
  }

  @SseChannel('with-default')
  withDefault(@Query('topic') topic = 'news', @Query('region') region = 'world') {
    return `${topic}/${region}`;
  }

  @Header('X-Below', 'below')
  @SseChannel('headers')
  @Header('X-Above', 'above')
  @Header('Cache-Control', 'max-age=60')
  @HttpCode(203)
  headers() {
    return 'news';
  }

  @Get('ordinary')
  ordinary() {
    return 'ordinary';
  }
}

@Controller({ path: 'versioned', version: '2' })
class VersionedController {
  @SseChannel('stream')
  second() {
    return 'v2';
  }

  @Version('3')
  @SseChannel('stream')
  third() {
    return 'v3';
  }
}

@Injectable({ scope: Scope.REQUEST })
class Caller {
  constructor(@Inject(REQUEST) private readonly call: { headers: Record<string, string> }) {}

  get name(): string {
    return this.call.headers['x-user'] ?? '';
  }
}

@Controller('scoped')
class ScopedController {
  constructor(private readonly caller: Caller) {}

  @SseChannel()
  stream() {
    return `user/${this.caller.name}`;
  }
}

abstract class BaseController {
  protected abstract readonly topic: string;

  @SseChannel('feed')
  feed(@Query('part') part: string) {
    return `${this.topic}/${part}`;
  }

  @SseChannel('other')
  other(@Query('part') part: string): string | string[] {
    return `${this.topic}/other/${part}`;
  }
}

@Controller('sports')
class SportsController extends BaseController {
  protected readonly topic = 'sports';
}

@Controller('music')
class MusicController extends BaseController {
  protected readonly topic = 'music';

  @SseChannel('other')
  override other(@Query('part') part: string) {
    return [super.other(part), 'music'].flat();
  }
}

const controllers = [DocsController, ScopedController, SportsController, MusicController];

describe.each(adapters)('a route on %s', (adapter) => {
  let app: TestApp | undefined;
  afterEach(() => app?.close());

  const start = (): Promise<TestApp> => startApp(adapter, { controllers, providers: [Caller] });

  /** The names of the channels that a path's stream has. */
  async function channelsOf(path: string, options = {}): Promise<string[]> {
    const stream = await app?.open(path, options);
    const id = await stream?.connectionId();
    const connection = app?.channels.connections().find((open) => open.id === id);
    return [...(connection?.channels.keys() ?? [])];
  }

  it('gives the handler its params, query, request and custom parameters', async () => {
    app = await start();
    expect(await channelsOf('/docs/rooms/a%20b?side=left')).toEqual(['room/a b/left']);
    expect(await channelsOf('/docs/mine', as('42'))).toEqual(['user/42', 'all']);
    const echo = await app.open('/docs/echo?x=1');
    expect(await echo.next()).toMatchObject({ data: '["/docs/echo?x=1","none"]' });
  });

  it('reads the Last-Event-ID from the header, or from the query', async () => {
    app = await start();
    const header = await app.open('/docs/echo', { lastEventId: 'mine-7' });
    expect(await header.next()).toMatchObject({ data: '["/docs/echo","mine-7"]' });
    const query = await app.open('/docs/echo?lastEventId=mine-8');
    expect(await query.next()).toMatchObject({ data: '["/docs/echo?lastEventId=mine-8","mine-8"]' });
    const both = await app.open('/docs/echo?lastEventId=page', { lastEventId: 'reconnect' });
    expect(await both.next()).toMatchObject({ data: '["/docs/echo?lastEventId=page","reconnect"]' });
  });

  it('has several paths, and leaves the default values of parameters alone', async () => {
    app = await start();
    expect(await channelsOf('/docs/one')).toEqual(['several']);
    expect(await channelsOf('/docs/two')).toEqual(['several']);
    expect(await channelsOf('/docs/with-default')).toEqual(['news/world']);
    expect(await channelsOf('/docs/with-default?region=asia')).toEqual(['news/asia']);
  });

  it('answers a POST with 200, its DTO checked and transformed', async () => {
    app = await startApp(adapter, {
      controllers,
      providers: [Caller],
      configure: (nest) => {
        nest.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
      },
    });
    const stream = await app.open('/docs/ask', { body: { question: 'why?' } });
    expect(stream.status).toBe(200);
    expect(await stream.next()).toMatchObject({ type: 'answer', data: 'WHY?' });
    expect(await stream.ended).toBe('end');
  });

  it('sends headers of the handler, wherever the decorator stands, but never another status or caching', async () => {
    app = await start();
    const { status, headers } = await app.open('/docs/headers');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'x-above': 'above',
      'x-below': 'below',
      'cache-control': 'no-store, no-transform',
      'content-type': 'text/event-stream; charset=utf-8',
    });
  });

  it('has the global prefix and a URI version, of the controller or its own', async () => {
    app = await startApp(adapter, {
      controllers: [VersionedController],
      configure: (nest) => {
        nest.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI });
      },
    });
    expect(await channelsOf('/api/v2/versioned/stream')).toEqual(['v2']);
    expect(await channelsOf('/api/v3/versioned/stream')).toEqual(['v3']);
    await request(app.url).get('/versioned/stream').expect(404);
    await request(app.url).get('/api/v4/versioned/stream').expect(404);
  });

  it('may belong to a request-scoped controller', async () => {
    app = await start();
    expect(await channelsOf('/scoped', as('ann'))).toEqual(['user/ann']);
    expect(await channelsOf('/scoped', as('bob'))).toEqual(['user/bob']);
  });

  it('is inherited, and may be overridden', async () => {
    app = await start();
    expect(await channelsOf('/sports/feed?part=a')).toEqual(['sports/a']);
    expect(await channelsOf('/music/feed?part=b')).toEqual(['music/b']);
    expect(await channelsOf('/sports/other?part=c')).toEqual(['sports/other/c']);
    expect(await channelsOf('/music/other?part=d')).toEqual(['music/other/d', 'music']);
  });

  it('answers HEAD with the headers of the stream alone', async () => {
    app = await start();
    const answer = await request(app.url).head('/docs/one').expect(200);
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(app.channels.stats()).toMatchObject({ connections: 0, opens: 0 });
  });
});

describe('a route called as a method', () => {
  it('returns what it says', async () => {
    const docs = new DocsController();
    expect(docs.room('1', 'left')).toBe('room/1/left');
    expect(docs.withDefault()).toBe('news/world');
    expect(docs.mine('42')).toEqual(['user/42', 'all']);
    expect(await docs.ask({ question: 'why' }).next()).toMatchObject({ value: { data: 'WHY' } });
    expect(new MusicController().other('x')).toEqual(['music/other/x', 'music']);
  });
});
