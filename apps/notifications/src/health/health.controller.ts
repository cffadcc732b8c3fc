import { SseCanaryIndicator, SseHealthIndicator } from '@nestcast/sse/health';
import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';

import { DatabaseHealthIndicator } from './database-health.indicator.js';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly sse: SseHealthIndicator,
    private readonly database: DatabaseHealthIndicator,
    private readonly canary: SseCanaryIndicator,
  ) {}

  /** Whether the process should go on; nothing outside it can make this fail. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether new requests should come here: 503 while the node drains, is full or under pressure, or lacks its broker or database. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.sse.isHealthy('sse'), () => this.database.isHealthy('database')]);
  }

  /** Whether an event that is published here comes in over a stream: for alerts, not for load balancers. */
  @Get('canary')
  @HealthCheck()
  endToEnd(): Promise<HealthCheckResult> {
    return this.health.check([() => this.canary.isHealthy('canary')]);
  }
}
