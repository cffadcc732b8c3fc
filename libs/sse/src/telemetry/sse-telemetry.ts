import { metrics } from '@opentelemetry/api';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { INSTRUMENTATION } from './instrumentation.js';
import { RequestArrivals } from './request-arrivals.js';
import { SseDurations } from './sse-durations.js';
import { SseMetrics } from './sse-metrics.js';
import { SseTracer } from './sse-tracer.js';

/**
 * Begins to measure and to trace when the application starts, where an OpenTelemetry SDK is registered by then, and ends
 * with it. Without one nothing is counted, timed or noted but what the hub counts anyway.
 */
@Injectable()
export class SseTelemetry implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly durations: SseDurations,
    private readonly figures: SseMetrics,
    private readonly tracer: SseTracer,
    private readonly arrivals: RequestArrivals,
  ) {}

  onApplicationBootstrap(): void {
    const meter = metrics.getMeter(INSTRUMENTATION);
    this.durations.begin(meter);
    if (this.durations.measured) {
      this.figures.begin(meter);
    }
    this.tracer.begin();
    if (this.durations.measured || this.tracer.traces) {
      this.arrivals.begin();
    }
  }

  onApplicationShutdown(): void {
    this.arrivals.end();
    this.figures.end();
  }
}
