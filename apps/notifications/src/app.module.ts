import { SseModule } from '@nestcast/sse';
import { Module } from '@nestjs/common';
import type { Request } from 'express';

import { HealthModule } from './health/health.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { SessionModule } from './session/session.module.js';
import { signedInUser } from './session/session-user.js';

@Module({
  imports: [
    SseModule.forRoot({
      heartbeat: { intervalMs: 15_000 },
      identify: (request: Request) => signedInUser(request),
    }),
    SessionModule,
    NotificationsModule,
    HealthModule,
  ],
})
export class AppModule {}
