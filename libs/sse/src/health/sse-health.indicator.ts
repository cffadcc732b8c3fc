import { Hub } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';

/**
 * Tells terminus whether this node should get new streams: not while it is shutting down, and not while its broker
 * doesn't answer. Add it to the providers of the module that has the health controller, beside `TerminusModule`.
 */
@Injectable()
export class SseHealthIndicator {
  constructor(
    private readonly hub: Hub,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** @param key under which the result is shown */
  async isHealthy<Key extends string>(key: Key) {
    const { connections, channels, lagging } = this.hub.stats();
    const broker = await this.hub.health();
    const details = { connections, channels, lagging, broker: broker.detail ?? (broker.up ? 'up' : 'down') };
    const indicator = this.indicators.check(key);
    if (!this.hub.ready) {
      return indicator.down({ ...details, message: 'The node is shutting down.' });
    }
    if (!broker.up) {
      return indicator.down({ ...details, message: 'The broker does not answer.' });
    }
    return indicator.up(details);
  }
}
