import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { PrometheusMetrics } from './prometheus-metrics.js';

/** For Prometheus, and for nobody outside: let the proxy in front, or a network policy, keep this path to itself. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: PrometheusMetrics) {}

  @Get()
  scrape(@Req() request: Request, @Res() response: Response): void {
    this.metrics.write(request, response);
  }
}
