import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

import type { Role } from '../accounts/account.js';

/** Which role a controller or a route is for. */
export const ForRole = Reflector.createDecorator<Role>();

/** Stands behind the session guard: answers users of another role with 403. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const role = this.reflector.getAllAndOverride(ForRole, [context.getHandler(), context.getClass()]);
    const { user } = context.switchToHttp().getRequest<Request>();
    if (role === undefined || user?.role !== role) {
      throw new ForbiddenException('Your account may not do that.');
    }
    return true;
  }
}
