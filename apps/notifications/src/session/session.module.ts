import { Global, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';

import { SessionController } from './session.controller.js';
import { SessionGuard } from './session.guard.js';
import { Sessions } from './sessions.js';

const ATTEMPTS = { ttl: 60_000, limit: 20 };

@Global()
@Module({
  imports: [ThrottlerModule.forRoot([ATTEMPTS])],
  controllers: [SessionController],
  providers: [Sessions, SessionGuard],
  exports: [Sessions, SessionGuard],
})
export class SessionModule {}
