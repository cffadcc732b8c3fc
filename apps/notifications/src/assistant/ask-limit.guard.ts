import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';

import { withinLimit } from '../rate-limit/within-limit.js';

const QUESTIONS = { points: 20, duration: 60 };

/** Stands behind the session guard: counts the questions of a user. Each node counts for itself. */
@Injectable()
export class AskLimitGuard implements CanActivate {
  private readonly limiter = new RateLimiterMemory(QUESTIONS);

  canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<Request>();
    return withinLimit(http.getResponse<Response>(), 'Too many questions. Try again in a minute.', () =>
      this.limiter.consume(user?.id ?? ''),
    );
  }
}
