import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
  createParamDecorator,
} from '@nestjs/common';

interface UserRequest {
  readonly headers: Record<string, string | undefined>;
  user?: { readonly id: string };
}

/** Believes the header `x-user`: without it 401, `blocked` 403. */
@Injectable()
export class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<UserRequest>();
    const id = request.headers['x-user'];
    if (id === undefined) {
      throw new UnauthorizedException();
    }
    if (id === 'blocked') {
      throw new ForbiddenException('You are blocked.');
    }
    request.user = { id };
    return true;
  }
}

export const CurrentUser = createParamDecorator(
  (_data: undefined, context: ExecutionContext) => context.switchToHttp().getRequest<UserRequest>().user?.id,
);

/** The headers of a user's request. */
export const as = (user: string): { headers: Record<string, string> } => ({ headers: { 'x-user': user } });
