import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

import { SessionStore } from './session-store.js';
import { sessionOf } from './session-user.js';

/** Lets signed-in users through; answers anyone else with 401. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(private readonly sessions: SessionStore) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = sessionOf(context.switchToHttp().getRequest<Request>());
    if (session === undefined || !(await this.sessions.isCurrent(session))) {
      throw new UnauthorizedException('Sign in first.');
    }
    return true;
  }
}
