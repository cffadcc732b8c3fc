import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

import { signedInUser } from './session-user.js';

/** Lets signed-in users through; answers anyone else with 401. */
@Injectable()
export class SessionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (signedInUser(context.switchToHttp().getRequest<Request>()) === undefined) {
      throw new UnauthorizedException('Sign in first.');
    }
    return true;
  }
}
