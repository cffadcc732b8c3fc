import type { IncomingMessage, ServerResponse } from 'node:http';

import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { DataPointType, type Histogram, MeterProvider } from '@opentelemetry/sdk-metrics';

/**
 * OpenTelemetry's metrics of this process, in the format that Prometheus scrapes. It is made before the application:
 * whoever asks OpenTelemetry's API for an instrument before it is there gets one that counts nothing.
 */
@Injectable()
export class PrometheusMetrics implements OnApplicationShutdown {
  // The application's own port serves them.
  private readonly exporter = new PrometheusExporter({ preventServerStart: true, withoutTargetInfo: true });
  private readonly provider = new MeterProvider({ readers: [this.exporter] });

  constructor() {
    if (!metrics.setGlobalMeterProvider(this.provider)) {
      throw new Error('This process has an OpenTelemetry meter provider already.');
    }
  }

  write(request: IncomingMessage, response: ServerResponse): void {
    this.exporter.getMetricsRequestHandler(request, response);
  }

  /**
   * The buckets of histograms as they are now, from the start of the process on: a list of their series for each name that
   * something has been recorded of.
   */
  async histograms(names: readonly string[]): Promise<Map<string, Histogram['buckets'][]>> {
    // Errors are those of figures that are asked for when they are read, which histograms are not.
    const { resourceMetrics } = await this.exporter.collect();
    const found = new Map<string, Histogram['buckets'][]>();
    for (const metric of resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)) {
      if (metric.dataPointType === DataPointType.HISTOGRAM && names.includes(metric.descriptor.name)) {
        found.set(
          metric.descriptor.name,
          metric.dataPoints.map(({ value }) => value.buckets),
        );
      }
    }
    return found;
  }

  async onApplicationShutdown(): Promise<void> {
    metrics.disable();
    await this.provider.shutdown();
  }
}
