import { createParamDecorator, UnauthorizedException, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Who the signed cookie says is asking, or `undefined`. */
export function signedInUser(request: Request): string | undefined {
  const userId: unknown = request.session?.['userId'];
  return typeof userId === 'string' ? userId : undefined;
}

/** The signed-in user's id, as a parameter of a handler; 401 where there is none. */
export const CurrentUserId = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const userId = signedInUser(context.switchToHttp().getRequest<Request>());
  if (userId === undefined) {
    throw new UnauthorizedException('Sign in first.');
  }
  return userId;
});
