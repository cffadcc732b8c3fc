import type { BrokerEvent, EventId, EventRecord, HubObserver } from '@nestcast/hub';
import { type Attributes, diag } from '@opentelemetry/api';
import { Injectable } from '@nestjs/common';
import { ResolvedSseOptions } from '../sse.options.js';
import { INSTRUMENTATION } from './instrumentation.js';
import { SseDurations } from './sse-durations.js';
import { SseTracer } from './sse-tracer.js';
import { TelemetryLabels } from './telemetry-labels.js';

/** Tells metrics and traces what the hub does. */
@Injectable()
export class SseHubObserver implements HubObserver {
  private readonly eventSpans: boolean;

  constructor(
    { telemetry }: ResolvedSseOptions,
    private readonly labels: TelemetryLabels,
    private readonly durations: SseDurations,
    private readonly tracer: SseTracer,
  ) {
    this.eventSpans = telemetry.eventSpans;
  }

  publishing(
    channel: string,
    record: EventRecord,
    carry: (record: EventRecord) => Promise<EventId>,
  ): Promise<EventId> {
    return this.tracer.traces && !record.final
      ? this.tracer.publish(this.spanAttributes(channel, 1), record, this.eventSpans, carry)
      : carry(record);
  }

  flushed(channel: string, events: readonly BrokerEvent[], beganAt: number, endedAt: number): void {
    try {
      this.tellFlushed(channel, events, beganAt, endedAt);
    } catch (error) {
      // A span processor is the application's own code, and here everybody's delivery would end with it.
      diag.error(`${INSTRUMENTATION}: a delivery could not be told`, error);
    }
  }

  private tellFlushed(
    channel: string,
    events: readonly BrokerEvent[],
    beganAt: number,
    endedAt: number,
  ): void {
    const [oldest] = events;
    if (oldest && this.durations.measured) {
      this.durations.published(endedAt - oldest.at, this.labels.ofChannel(channel));
    }
    if (this.eventSpans && this.tracer.traces) {
      this.tracer.delivered(this.spanAttributes(channel, events.length), events, beganAt, endedAt);
    }
  }

  /** A span may have the channel's name, which would make a series of its own of each user's channel in a metric. */
  private spanAttributes(channel: string, events: number): Attributes {
    return { ...this.labels.ofChannel(channel), 'sse.channel': channel, 'sse.events': events };
  }
}
