import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type CanActivate, Controller, type ExecutionContext, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import request from 'supertest';

import type { Role } from '../accounts/account.js';
import { ForRole, RoleGuard } from './role.guard.js';
import type { User } from './session.js';

/** Stands for the session guard: the user is who the header says. */
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const incoming = context.switchToHttp().getRequest<Request>();
    const role = incoming.get('x-role');
    if (role !== undefined) {
      const session = { userId: 'ada', epoch: 0, since: Date.now() };
      incoming.user = { id: 'ada', name: 'Ada', role: role as Role, session } satisfies User;
    }
    return true;
  }
}

@Controller()
@UseGuards(HeaderGuard, RoleGuard)
@ForRole('admin')
class AdminController {
  @Get('admins')
  admins(): string {
    return 'for admins';
  }

  @Get('members')
  @ForRole('member')
  members(): string {
    return 'for members';
  }
}

@Controller()
@UseGuards(HeaderGuard, RoleGuard)
class ForgetfulController {
  @Get('forgotten')
  forgotten(): string {
    return 'for whom?';
  }
}

@Module({ controllers: [AdminController, ForgetfulController] })
class AppModule {}

describe('RoleGuard', () => {
  let app: NestExpressApplication;
  beforeAll(async () => {
    app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false });
    await app.init();
  });
  afterAll(() => app.close());

  it.each([
    ['/admins', 'admin', 200],
    ['/admins', 'member', 403],
    ['/admins', undefined, 403],
    ['/members', 'member', 200],
    ['/members', 'admin', 403],
    // Who forgets to say for whom a route is has one for nobody.
    ['/forgotten', 'admin', 403],
  ])('answers %s for the role %s with %d', async (path, role, status) => {
    const server = app.getHttpServer();
    await request(server)
      .get(path)
      .set(role === undefined ? {} : { 'x-role': role })
      .expect(status);
  });
});
