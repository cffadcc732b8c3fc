import { type BrokerHealth, Hub } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { HealthRules } from '../option-rules.js';
import { RequestSlots } from '../limits/request-slots.js';
import { assertOptions } from '../option-validation.js';
import { ResolvedSseOptions } from '../sse.options.js';
import { within } from '../within.js';

export interface SseHealthOptions {
  /**
   * The share of `limits.total` that this node's own connections take at which it is down, above 0 to 1. Default 1: no stream can
   * be opened any more. Where the limit is counted over all nodes, a smaller one keeps a node from taking more than its share.
   */
  readonly maxUtilisation?: number | undefined;
  /** How long the broker may take to answer; milliseconds. Default 800: a prober that waits for a second still hears of it. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 800;

/**
 * Tells terminus whether this node should get new streams: not while it is shutting down, under pressure or full, and not
 * while its broker doesn't answer. Add it to the providers of the module that has the health controller, beside
 * `TerminusModule`.
 */
@Injectable()
export class SseHealthIndicator {
  constructor(
    private readonly hub: Hub,
    private readonly options: ResolvedSseOptions,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /**
   * @param key under which the result is shown
   * @throws SseError `INVALID_OPTION`, as a rejection
   */
  async isHealthy<Key extends string>(key: Key, options: SseHealthOptions = {}) {
    assertOptions('SseHealthIndicator', HealthRules, options);
    const { maxUtilisation = 1, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const broker = (await within(timeoutMs, this.hub.health())) ?? unanswered(timeoutMs);
    const { connections, channels, lagging, pressure } = this.hub.stats();
    const { under, eventLoopDelayMs, heapUsedRatio } = pressure;
    const utilisation = this.utilisation();
    const complaints = [
      this.hub.ready ? undefined : 'The node is shutting down.',
      broker.up ? undefined : 'The broker does not answer.',
      under ? 'The node is under pressure: its event loop or its heap is above a mark.' : undefined,
      utilisation >= maxUtilisation
        ? `The node is full: ${percent(utilisation)} of its limit (total) are in use.`
        : undefined,
    ].filter((complaint) => complaint !== undefined);
    const details = {
      connections,
      channels,
      lagging,
      broker: broker.detail ?? (broker.up ? 'up' : 'down'),
      utilisation: rounded(utilisation, 1_000),
      pressure: {
        under,
        eventLoopDelayMs: rounded(eventLoopDelayMs, 10),
        heapUsedRatio: rounded(heapUsedRatio, 1_000),
      },
    };
    const indicator = this.indicators.check(key);
    return complaints.length > 0
      ? indicator.down({ ...details, message: complaints.join(' ') })
      : indicator.up(details);
  }

  /** 0 to 1. */
  private utilisation(): number {
    const { total = Infinity } = this.options.limits;
    // Neither the canary's own holds a slot of the limit, nor do those of a route that has a total of its own.
    const counted = this.hub
      .connections()
      .filter(({ lease }) => lease instanceof RequestSlots && lease.route.own.total === undefined).length;
    return total === 0 ? 1 : counted / total;
  }
}

const unanswered = (ms: number): BrokerHealth => ({ up: false, detail: `no answer within ${ms} ms` });
const percent = (share: number): string => `${Math.floor(share * 100)} %`;
const rounded = (figure: number, steps: number): number => Math.round(figure * steps) / steps;
