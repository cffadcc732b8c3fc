import { type Cancel, type Clock, Hub } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { CanaryRules } from '../option-rules.js';
import { assertOptions } from '../option-validation.js';
import { ResolvedSseOptions } from '../sse.options.js';
import { CanaryStream } from './canary-stream.js';

export interface SseCanaryOptions {
  /** How long the event may take, and the opening of the stream where there is none yet; milliseconds. Default 1,000. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 1_000;

/**
 * Tells terminus whether an event that is published on this node comes in over a stream, end to end. It keeps one stream of
 * its own from its first check on: a connection as any other, in `stats()`, and ended by a drain, but it counts against no
 * limit. Add it to the providers of the module that has the health controller, beside `TerminusModule`.
 */
@Injectable()
export class SseCanaryIndicator {
  private readonly stream: CanaryStream;

  constructor(
    private readonly hub: Hub,
    options: ResolvedSseOptions,
    private readonly indicators: HealthIndicatorService,
  ) {
    this.stream = new CanaryStream(hub, options);
  }

  /**
   * @param key under which the result is shown
   * @throws SseError `INVALID_OPTION`, as a rejection
   */
  async isHealthy<Key extends string>(key: Key, options: SseCanaryOptions = {}) {
    assertOptions('SseCanaryIndicator', CanaryRules, options);
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const indicator = this.indicators.check(key);
    const abandoned = new AbortController();
    try {
      const roundTripMs = await within(timeoutMs, this.hub.clock, this.stream.roundTrip(abandoned.signal));
      return indicator.up({ roundTripMs: Math.round(roundTripMs * 10) / 10 });
    } catch (error) {
      abandoned.abort();
      // Whatever is wrong with it, the next check begins with another.
      this.stream.reset();
      return indicator.down({ message: error instanceof Error ? error.message : String(error) });
    }
  }
}

async function within<T>(ms: number, clock: Clock, work: Promise<T>): Promise<T> {
  let cancel: Cancel | undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.schedule(ms, () => reject(new Error(`The event has not come back within ${ms} ms.`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel?.();
  }
}
