import { SseModule } from '@nestcast/sse';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Request } from 'express';

import { AccountsModule } from './accounts/accounts.module.js';
import { AssistantModule } from './assistant/assistant.module.js';
import { BrokerExceptionFilter } from './broker/broker-exception.filter.js';
import { brokerOf } from './broker/broker-of.js';
import type { Configuration } from './config/configuration.js';
import { DatabaseExceptionFilter } from './database/database-exception.filter.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { ImportsModule } from './imports/imports.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import type { PrometheusMetrics } from './metrics/prometheus-metrics.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { PagesModule } from './pages/pages.module.js';
import { ScoresModule } from './scores/scores.module.js';
import { ServingNodeModule } from './serving-node/serving-node.module.js';
import { SessionModule } from './session/session.module.js';

/** Of each channel: a long answer has a token in each event. What is older is in the database. */
const HISTORY = { maxEvents: 5_000, maxAgeMs: 60 * 60 * 1_000 };

@Module({})
export class AppModule {
  static of(
    { broker, database, demoPassword, model, nodeName, readinessDelayMs }: Configuration,
    metrics: PrometheusMetrics,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SseModule.forRoot({
          broker: brokerOf(broker),
          history: HISTORY,
          // Many people share an address; nobody opens a stream a second for long.
          limits: { perIp: 100, opensPerMinute: 60 },
          drain: { readinessDelayMs },
          channels: { 'assistant/*': { coalesceMs: 30 } },
          telemetry: {
            channelPatterns: [
              'user/*',
              'announcements',
              'imports/*',
              'assistant/*',
              'scores',
              'operations/*',
            ],
          },
          identify: ({ user }: Request) => user?.id,
        }),
        DatabaseModule.of(database),
        OutboxModule,
        MetricsModule.of(metrics),
        ServingNodeModule.of(nodeName),
        AccountsModule.of(demoPassword),
        SessionModule,
        NotificationsModule,
        AssistantModule.of(model),
        ImportsModule,
        ScoresModule,
        OperationsModule,
        HealthModule,
        PagesModule,
      ],
      providers: [
        // Asked last: it is for all that no other filter is for.
        { provide: APP_FILTER, useClass: DatabaseExceptionFilter },
        { provide: APP_FILTER, useClass: BrokerExceptionFilter },
      ],
    };
  }
}
