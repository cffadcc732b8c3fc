import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, type SseEvent } from '@nestcast/sse';
import {
  type ArgumentsHost,
  BadRequestException,
  Body,
  Catch,
  ConflictException,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  NotFoundException,
  Param,
  ParseIntPipe,
  Query,
  RequestMethod,
  UseFilters,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { IsInt, IsString, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { type Observable, map, of, throwError } from 'rxjs';
import request from 'supertest';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard } from './support/user.guard.js';

class PageQuery {
  @Type(() => Number) @IsInt() @Min(1) page = 1;
}

class Question {
  @IsString() question = '';
}

class TeapotError extends Error {}

@Catch(TeapotError)
class TeapotFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: TeapotError, context: ArgumentsHost): void {
    const response: unknown = context.switchToHttp().getResponse();
    this.host.httpAdapter.reply(response, { teapot: error.message }, 418);
  }
}

@Controller()
class RefusingController {
  @SseChannel('open')
  open() {
    return 'news';
  }

  @SseChannel('guarded')
  @UseGuards(UserGuard)
  guarded() {
    return 'news';
  }

  @SseChannel('rooms/:id')
  room(@Param('id', ParseIntPipe) id: number) {
    return `room/${id}`;
  }

  @SseChannel('pages')
  pages(@Query() { page }: PageQuery) {
    return `page/${page}`;
  }

  @SseChannel('ask', { method: RequestMethod.POST })
  ask(@Body() { question }: Question) {
    return of({ data: question });
  }

  @SseChannel('throws')
  throws(): string {
    throw new ConflictException('Already open.');
  }

  @SseChannel('throws-plain')
  throwsPlain(): string {
    throw new Error('secret detail');
  }

  @SseChannel('rejects')
  async rejects(): Promise<string> {
    await Promise.resolve();
    throw new NotFoundException('No such room.');
  }

  @SseChannel('rejected')
  rejected(): Promise<string> {
    return Promise.reject(new BadRequestException('Rejected.'));
  }

  @SseChannel('generator')
  // oxlint-disable-next-line require-yield -- it throws before it would
  async *generator(): AsyncGenerator<SseEvent> {
    throw new NotFoundException('No such model.');
  }

  @SseChannel('sync-generator')
  // oxlint-disable-next-line require-yield -- it throws before it would
  *syncGenerator(): Generator<SseEvent> {
    throw new NotFoundException('No such list.');
  }

  @SseChannel('observable')
  observable(): Observable<SseEvent> {
    return throwError(() => new HttpException('Pay first.', 402));
  }

  @SseChannel('bad-first-event')
  badFirstEvent(): Observable<SseEvent> {
    return of(1).pipe(map((data) => ({ type: 'error', data })));
  }

  @SseChannel('filtered')
  @UseFilters(TeapotFilter)
  async *filtered(): AsyncGenerator<SseEvent> {
    yield* [];
    throw new TeapotError('short and stout');
  }

  @SseChannel('bad-name')
  badName() {
    return 'line\nbreak';
  }

  @Get('plain')
  plain() {
    return { plain: true };
  }
}

const refusals: [path: string, status: number, body: object][] = [
  ['/guarded', 401, { message: 'Unauthorized', statusCode: 401 }],
  ['/rooms/one', 400, { message: 'Validation failed (numeric string is expected)', statusCode: 400 }],
  ['/pages?page=0', 400, { message: ['page must not be less than 1'], statusCode: 400 }],
  ['/throws', 409, { message: 'Already open.', error: 'Conflict', statusCode: 409 }],
  ['/throws-plain', 500, { statusCode: 500, message: 'Internal server error' }],
  ['/rejects', 404, { message: 'No such room.', error: 'Not Found', statusCode: 404 }],
  ['/rejected', 400, { message: 'Rejected.', error: 'Bad Request', statusCode: 400 }],
  ['/generator', 404, { message: 'No such model.', error: 'Not Found', statusCode: 404 }],
  ['/sync-generator', 404, { message: 'No such list.', error: 'Not Found', statusCode: 404 }],
  ['/observable', 402, { message: 'Pay first.', statusCode: 402 }],
  ['/bad-first-event', 500, { statusCode: 500, message: 'Internal server error' }],
  ['/filtered', 418, { teapot: 'short and stout' }],
  ['/bad-name', 400, { error: 'Bad Request', statusCode: 400 }],
];

describe.each(adapters)('a refused stream on %s', (adapter) => {
  let app: TestApp;

  beforeEach(async () => {
    app = await startApp(adapter, {
      controllers: [RefusingController],
      // One slot in all: whatever a refusal leaves behind refuses the next request.
      sse: { limits: { total: 1 } },
      configure: (nest) => {
        nest.useGlobalPipes(new ValidationPipe({ transform: true }));
      },
    });
  });
  afterEach(() => app.close());

  async function expectNothingLeft(): Promise<void> {
    expect(app.channels.connections()).toEqual([]);
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, opens: 0 });
    const stream = await app.open('/open');
    expect(stream.status).toBe(200);
    await stream.connectionId();
  }

  it.each(refusals)('%s answers %i as any route does', async (path, status, body) => {
    const answer = await request(app.url).get(path).set('Accept', 'text/event-stream').expect(status);
    expect(answer.body).toMatchObject(body);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    await expectNothingLeft();
  });

  it("tells a guard's own reason", async () => {
    const answer = await request(app.url).get('/guarded').set('x-user', 'blocked').expect(403);
    expect(answer.body).toEqual({ message: 'You are blocked.', error: 'Forbidden', statusCode: 403 });
    await expectNothingLeft();
  });

  it('holds the body of a POST against its DTO', async () => {
    const answer = await request(app.url).post('/ask').send({ question: 42 }).expect(400);
    expect(answer.body).toMatchObject({ message: ['question must be a string'], statusCode: 400 });
    await expectNothingLeft();
  });

  it('logs what is not meant for the client, and nothing that is', async () => {
    await request(app.url).get('/throws').expect(409);
    expect(app.logger.errors).toEqual([]);
    const answer = await request(app.url).get('/throws-plain').expect(500);
    expect(answer.text).not.toContain('secret detail');
    expect(app.logger.errors).toEqual(['Error: secret detail']);
  });

  it('answers 406 where the client takes no event stream', async () => {
    const answer = await request(app.url).get('/open').set('Accept', 'application/json').expect(406);
    expect(answer.body).toMatchObject({ statusCode: 406, error: 'Not Acceptable' });
    await expectNothingLeft();
  });

  it('leaves ordinary routes of the same controller alone', async () => {
    const answer = await request(app.url).get('/plain').expect(200);
    expect(answer.body).toEqual({ plain: true });
  });
});
