import { ChannelPatterns, type ConnectionLabels, type HubConnection } from '@nestcast/hub';
import type { Attributes } from '@opentelemetry/api';
import { Injectable } from '@nestjs/common';
import { ResolvedSseOptions } from '../sse.options.js';
import { USER_AGENT, userAgentClass } from './user-agent-class.js';

export const PATTERN = 'sse.channel.pattern';
/** The pattern of channels that have none. */
const OTHER = 'other';
/** The pattern of streams that have no channel. */
const PRIVATE = 'private';

/**
 * What metrics tell channels and connections apart by: as many values as the application's own options have patterns,
 * whatever clients do. One object for all that are alike.
 */
@Injectable()
export class TelemetryLabels {
  private readonly patterns: ChannelPatterns<string>;
  private readonly byPattern = new Map<string, Attributes>();
  private readonly bySeries = new Map<string, ConnectionLabels>();

  constructor({ telemetry, channels }: ResolvedSseOptions) {
    const known = new Set([...telemetry.channelPatterns, ...Object.keys(channels)]);
    this.patterns = new ChannelPatterns([...known].map((pattern) => [pattern, pattern]));
  }

  patternOf(channel: string): string {
    return this.patterns.of(channel) ?? OTHER;
  }

  ofChannel(channel: string): Attributes {
    const pattern = this.patternOf(channel);
    let attributes = this.byPattern.get(pattern);
    if (!attributes) {
      attributes = { [PATTERN]: pattern };
      this.byPattern.set(pattern, attributes);
    }
    return attributes;
  }

  /** A connection counts once, as one of its first channel. */
  ofConnection({ channels, labels }: HubConnection): ConnectionLabels {
    const [first] = channels.keys();
    const pattern = first === undefined ? PRIVATE : this.patternOf(first);
    const userAgent = labels?.[USER_AGENT] ?? userAgentClass(undefined);
    const series = `${userAgent} ${pattern}`;
    let attributes = this.bySeries.get(series);
    if (!attributes) {
      attributes = { [PATTERN]: pattern, [USER_AGENT]: userAgent };
      this.bySeries.set(series, attributes);
    }
    return attributes;
  }
}
