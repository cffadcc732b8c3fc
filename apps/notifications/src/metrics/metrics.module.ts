import { type DynamicModule, Module } from '@nestjs/common';

import { MetricsController } from './metrics.controller.js';
import { PrometheusMetrics } from './prometheus-metrics.js';

@Module({ controllers: [MetricsController] })
export class MetricsModule {
  /** @param metrics made before the application */
  static of(metrics: PrometheusMetrics): DynamicModule {
    return {
      module: MetricsModule,
      global: true,
      providers: [{ provide: PrometheusMetrics, useValue: metrics }],
      exports: [PrometheusMetrics],
    };
  }
}
