import { createParamDecorator, UnauthorizedException, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

import type { Session } from './session-store.js';

/** What the signed cookie says, or `undefined`; whether it still counts is the {@link SessionStore}'s to tell. */
export function sessionOf(request: Request): Session | undefined {
  const { userId, since, lastEnd } = (request.session ?? {}) as Record<keyof Session, unknown>;
  return typeof userId === 'string' && typeof since === 'number' && typeof lastEnd === 'string'
    ? { userId, since, lastEnd }
    : undefined;
}

/** The session, as a parameter of a handler behind the guard; 401 where there is none. */
export const CurrentSession = createParamDecorator((_data: unknown, context: ExecutionContext): Session => {
  const session = sessionOf(context.switchToHttp().getRequest<Request>());
  if (session === undefined) {
    throw new UnauthorizedException('Sign in first.');
  }
  return session;
});
