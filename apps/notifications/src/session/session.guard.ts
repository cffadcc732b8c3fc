import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

import { Sessions } from './sessions.js';

/** Lets signed-in users through, as `request.user`; answers anyone else with 401. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(private readonly sessions: Sessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const user = await this.sessions.userOf(request);
    if (user === undefined) {
      throw new UnauthorizedException('Sign in first.');
    }
    request.user = user;
    return true;
  }
}
