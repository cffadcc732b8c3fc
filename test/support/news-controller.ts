import { SseChannel, SseConnectionLimit, type SseEvent } from '@nestcast/sse';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Header,
  HttpCode,
  Injectable,
  Post,
  StreamableFile,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { type Observable, concat, of, throwError } from 'rxjs';
import { EMPTY_PAGE } from './event-source-page.js';

/** Tokens are numbers; those below the oldest are no longer good. */
@Injectable()
export class TokenGuard implements CanActivate {
  oldest = 1;
  readonly seen: string[] = [];

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    const [, token = ''] = request.headers.authorization?.split('Bearer ') ?? [];
    this.seen.push(token);
    if (!(Number(token) >= this.oldest)) {
      throw new UnauthorizedException();
    }
    return true;
  }
}

/** A page, and streams of the channel `news` that are refused, or end, in every way. */
@Controller()
export class NewsController {
  private fails = true;

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  page() {
    return EMPTY_PAGE;
  }

  @SseChannel('news')
  news() {
    return 'news';
  }

  @SseChannel('limited/total')
  @SseConnectionLimit({ total: 1 })
  limitedInAll() {
    return 'news';
  }

  @SseChannel('limited/channel')
  @SseConnectionLimit({ perIp: 1 })
  limitedByAddress() {
    return 'news';
  }

  @SseChannel('limited/stop')
  @SseConnectionLimit({ total: 1, refusal: 'stop' })
  stopping() {
    return 'news';
  }

  @SseChannel('guarded')
  @UseGuards(TokenGuard)
  guarded() {
    return 'news';
  }

  /** Fails on the first visit. */
  @SseChannel('failing')
  failing(): Observable<SseEvent> {
    const { fails } = this;
    this.fails = false;
    const first = of<SseEvent>({ type: 'count', data: 1, id: '1' });
    return fails
      ? concat(
          first,
          throwError(() => new Error('The source has failed.')),
        )
      : of<SseEvent>({ type: 'count', data: 2, id: '2' });
  }

  /** As any route of Nest's that answers POST. */
  @Post('created')
  @HttpCode(201)
  created() {
    return new StreamableFile(
      Buffer.from('id: 1\nevent: count\ndata: 1\n\nevent: sse:goodbye\ndata: {"reason":"complete"}\n\n'),
      {
        type: 'text/event-stream',
      },
    );
  }
}
