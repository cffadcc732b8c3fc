import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimiterMemory } from 'rate-limiter-flexible';

import { withinLimit } from '../rate-limit/within-limit.js';

/** In a minute. Many people share an address, but few of them sign in at once. */
const PER_ACCOUNT_AND_ADDRESS = 20;
const PER_ADDRESS = 100;
const MINUTE_S = 60;

/**
 * Counts attempts to sign in, by account and address, so that nobody can try passwords for long, or lock another out; and by
 * address alone, so that nobody can try one password on all accounts, or keep the node busy with hashes. Each node counts for
 * itself.
 */
@Injectable()
export class SignInLimitGuard implements CanActivate {
  private readonly perAccount = new RateLimiterMemory({
    points: PER_ACCOUNT_AND_ADDRESS,
    duration: MINUTE_S,
  });
  private readonly perAddress = new RateLimiterMemory({ points: PER_ADDRESS, duration: MINUTE_S });

  canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const address = request.ip ?? '';
    return withinLimit(
      http.getResponse<Response>(),
      'Too many attempts. Try again in a minute.',
      async () => {
        // In this order: whoever keeps trying one account uses up little of what an address has for all.
        await this.perAccount.consume(`${address} ${accountOf(request)}`);
        await this.perAddress.consume(address);
      },
    );
  }
}

/** The body isn't validated yet. */
function accountOf({ body }: Request): string {
  const userId: unknown = (body as { readonly userId?: unknown } | undefined)?.userId;
  return typeof userId === 'string' ? userId.slice(0, 64) : '';
}
