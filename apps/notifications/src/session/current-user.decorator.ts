import { createParamDecorator, UnauthorizedException, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

import type { User } from './session.js';

/** The signed-in user, as a parameter of a handler behind the session guard; 401 where there is none. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext): User => {
  const { user } = context.switchToHttp().getRequest<Request>();
  if (user === undefined) {
    throw new UnauthorizedException('Sign in first.');
  }
  return user;
});
