import { Injectable } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { Request } from 'express';

/** Counts attempts to sign in by account and address, so that nobody can lock another out, or try passwords for long. */
@Injectable()
export class SignInThrottlerGuard extends ThrottlerGuard {
  protected override getTracker({ ip, body }: Request): Promise<string> {
    const userId: unknown = (body as { readonly userId?: unknown } | undefined)?.userId;
    return Promise.resolve(`${ip} ${typeof userId === 'string' ? userId.slice(0, 64) : ''}`);
  }

  protected override getErrorMessage(): Promise<string> {
    return Promise.resolve('Too many attempts. Try again in a minute.');
  }
}
