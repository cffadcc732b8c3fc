import {
  type CanActivate,
  type ExecutionContext,
  HttpException,
  HttpStatus,
  Injectable,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const ATTEMPTS = { points: 20, duration: 60 };

/**
 * Counts attempts to sign in by account and address, so that nobody can try passwords for long, or lock another out. Each
 * node counts for itself.
 */
@Injectable()
export class SignInLimitGuard implements CanActivate {
  private readonly limiter = new RateLimiterMemory(ATTEMPTS);

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    try {
      await this.limiter.consume(keyOf(http.getRequest<Request>()));
      return true;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) {
        throw refusal;
      }
      http.getResponse<Response>().setHeader('Retry-After', Math.ceil(refusal.msBeforeNext / 1_000));
      throw new HttpException('Too many attempts. Try again in a minute.', HttpStatus.TOO_MANY_REQUESTS);
    }
  }
}

/** The body isn't validated yet. */
function keyOf({ ip, body }: Request): string {
  const userId: unknown = (body as { readonly userId?: unknown } | undefined)?.userId;
  return `${ip} ${typeof userId === 'string' ? userId.slice(0, 64) : ''}`;
}
