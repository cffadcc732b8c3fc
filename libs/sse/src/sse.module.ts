import { Hub, NodePressureProbe, TimerWheel } from '@nestcast/hub';
import { type DynamicModule, Logger, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { SseCloseRecords } from './lifecycle/sse-close-records.js';
import { SseHooksExplorer } from './lifecycle/sse-hooks.explorer.js';
import { SseLimits } from './limits/sse-limits.js';
import { BrokerAnswers } from './broker-answers.js';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN, type OPTIONS_TYPE } from './sse.module-definition.js';
import { ResolvedSseOptions, resolveSseOptions } from './sse.options.js';
import { SseChannelRegistry } from './sse-channel.registry.js';
import { SseJobs } from './sse-jobs.js';
import { SseShutdown } from './sse-shutdown.js';
import { RequestArrivals } from './telemetry/request-arrivals.js';
import { SseDurations } from './telemetry/sse-durations.js';
import { SseHubObserver } from './telemetry/sse-hub-observer.js';
import { SseMetrics } from './telemetry/sse-metrics.js';
import { SseOpenings } from './telemetry/sse-openings.js';
import { SseTelemetry } from './telemetry/sse-telemetry.js';
import { SseTracer } from './telemetry/sse-tracer.js';
import { TelemetryLabels } from './telemetry/telemetry-labels.js';
import { CLOCK_SKEW_MS, SseTicketService } from './tickets/sse-ticket.service.js';

/**
 * Server-Sent Events for the application. `forRoot()` once, in the root module; the module is global unless `isGlobal`
 * says otherwise.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: ResolvedSseOptions, useFactory: resolveSseOptions, inject: [MODULE_OPTIONS_TOKEN] },
    TimerWheel,
    NodePressureProbe,
    TelemetryLabels,
    SseDurations,
    SseTracer,
    SseHubObserver,
    {
      provide: Hub,
      useFactory: createHub,
      inject: [ResolvedSseOptions, TimerWheel, NodePressureProbe, SseHubObserver],
    },
    BrokerAnswers,
    SseMetrics,
    RequestArrivals,
    SseOpenings,
    SseTelemetry,
    SseLimits,
    SseChannelRegistry,
    SseJobs,
    SseTicketService,
    SseShutdown,
    SseHooksExplorer,
    SseCloseRecords,
  ],
  exports: [ResolvedSseOptions, Hub, SseLimits, SseChannelRegistry, SseJobs, SseOpenings, SseTicketService],
})
export class SseModule extends ConfigurableModuleClass {
  /** @throws SseError `INVALID_OPTION` at the start of the application, naming every option that is wrong or unknown */
  static override forRoot(options: typeof OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }
}

function createHub(
  options: ResolvedSseOptions,
  clock: TimerWheel,
  probe: NodePressureProbe,
  observer: SseHubObserver,
): Hub {
  const logger = new Logger(SseModule.name);
  return new Hub(options, {
    clock,
    probe,
    observer,
    rightsMs: options.tickets.ttlMs + CLOCK_SKEW_MS,
    onError: (error, what) =>
      error instanceof Error
        ? logger.error(`${what}: ${error.message}`, error.stack)
        : logger.error(`${what}: ${String(error)}`),
  });
}
