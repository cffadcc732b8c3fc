import { SseModule } from '@nestcast/sse';
import { type DynamicModule, Module } from '@nestjs/common';
import type { Request } from 'express';

import type { Configuration } from './config/configuration.js';
import { HealthModule } from './health/health.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import type { PrometheusMetrics } from './metrics/prometheus-metrics.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { SessionModule } from './session/session.module.js';
import { sessionOf } from './session/session-user.js';

@Module({})
export class AppModule {
  static of({ readinessDelayMs }: Configuration, metrics: PrometheusMetrics): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SseModule.forRoot({
          // Many people share an address; nobody opens a stream a second for long.
          limits: { perIp: 100, opensPerMinute: 60 },
          drain: { readinessDelayMs },
          telemetry: { channelPatterns: ['user/*', 'announcements', 'node/figures'] },
          identify: (request: Request) => sessionOf(request)?.userId,
        }),
        MetricsModule.of(metrics),
        SessionModule,
        NotificationsModule,
        HealthModule,
      ],
    };
  }
}
