import { SseCanaryIndicator, SseHealthIndicator } from '@nestcast/sse/health';
import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';

import { DatabaseHealthIndicator } from './database-health.indicator.js';
import { HealthController } from './health.controller.js';

@Module({
  imports: [TerminusModule],
  controllers: [HealthController],
  providers: [DatabaseHealthIndicator, SseHealthIndicator, SseCanaryIndicator],
})
export class HealthModule {}
