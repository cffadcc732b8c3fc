import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  HttpStatus,
  Injectable,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const QUESTIONS = { points: 20, duration: 60 };

/** Stands behind the session guard: counts the questions of a user. Each node counts for itself. */
@Injectable()
export class AskLimitGuard implements CanActivate {
  private readonly limiter = new RateLimiterMemory(QUESTIONS);

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<Request>();
    try {
      await this.limiter.consume(user?.id ?? '');
      return true;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) {
        throw refusal;
      }
      http.getResponse<Response>().setHeader('Retry-After', Math.ceil(refusal.msBeforeNext / 1_000));
      throw new HttpException('Too many questions. Try again in a minute.', HttpStatus.TOO_MANY_REQUESTS);
    }
  }
}
