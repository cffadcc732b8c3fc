import { SseModule } from '@nestcast/sse';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Request } from 'express';

import { BrokerExceptionFilter } from './broker/broker-exception.filter.js';
import { brokerOf } from './broker/broker-of.js';
import type { Configuration } from './config/configuration.js';
import { HealthModule } from './health/health.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import type { PrometheusMetrics } from './metrics/prometheus-metrics.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { SessionModule } from './session/session.module.js';
import { ServingNodeModule } from './serving-node/serving-node.module.js';
import { SESSION_MS } from './session/session-store.js';
import { sessionOf } from './session/session-user.js';

/** What people can look up of each channel: a page shows fifty. */
const KEPT_EVENTS = 100;
/** Longer than any session, which the log can end everywhere. */
const KEPT_MS = SESSION_MS + 24 * 60 * 60 * 1_000;

@Module({})
export class AppModule {
  static of(
    { broker, nodeName, readinessDelayMs }: Configuration,
    metrics: PrometheusMetrics,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SseModule.forRoot({
          broker: brokerOf(broker),
          history: { maxEvents: KEPT_EVENTS, maxAgeMs: KEPT_MS },
          // Many people share an address; nobody opens a stream a second for long.
          limits: { perIp: 100, opensPerMinute: 60 },
          drain: { readinessDelayMs },
          telemetry: { channelPatterns: ['user/*', 'announcements', 'node/figures/*'] },
          identify: (request: Request) => sessionOf(request)?.userId,
        }),
        MetricsModule.of(metrics),
        ServingNodeModule.of(nodeName),
        SessionModule,
        NotificationsModule,
        HealthModule,
      ],
      providers: [{ provide: APP_FILTER, useClass: BrokerExceptionFilter }],
    };
  }
}
