import type { BrokerEvent, EventId, EventRecord } from '@nestcast/hub';
import {
  type Attributes,
  type Link,
  ProxyTracerProvider,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  context,
  trace,
} from '@opentelemetry/api';
import { Injectable } from '@nestjs/common';
import { INSTRUMENTATION } from './instrumentation.js';

/** [spec] W3C Trace Context 3.2: version, trace id, parent id, flags. */
const TRACEPARENT = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;

/** Short spans; none is open as long as a stream is. */
@Injectable()
export class SseTracer {
  private tracer: Tracer | undefined;

  /** Whether anybody wants spans. */
  get traces(): boolean {
    return this.tracer !== undefined;
  }

  /** Does nothing where no SDK is registered. */
  begin(): void {
    const provider = trace.getTracerProvider();
    const registered =
      !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(INSTRUMENTATION) !== undefined;
    this.tracer = registered ? trace.getTracer(INSTRUMENTATION) : undefined;
  }

  /**
   * A span around the publishing of an event.
   *
   * @param carry is given the record, with its trace if the span is to be linked to
   */
  async publish(
    attributes: Attributes,
    record: EventRecord,
    linked: boolean,
    carry: (record: EventRecord) => Promise<EventId>,
  ): Promise<EventId> {
    return this.around('sse.publish', { kind: SpanKind.PRODUCER, attributes }, async (span) => {
      const id = await carry(
        linked && span.isRecording() ? { ...record, trace: traceparentOf(span) } : record,
      );
      span.setAttribute('sse.event.id', id);
      return id;
    });
  }

  /** A span around the work, which runs in it. */
  async around<T>(
    name: string,
    options: { readonly kind: SpanKind; readonly attributes: Attributes; readonly startTime?: number },
    work: (span: Span) => Promise<T>,
    isFailure: (error: unknown) => boolean = () => true,
  ): Promise<T> {
    const tracer = this.tracer ?? trace.getTracer(INSTRUMENTATION);
    const span = tracer.startSpan(name, options);
    try {
      return await context.with(trace.setSpan(context.active(), span), () => work(span));
    } catch (error) {
      if (isFailure(error)) {
        span.recordException(error instanceof Error ? error : String(error));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      throw error;
    } finally {
      span.end();
    }
  }

  /** A span of its own for events that have been delivered, linked to those in which they were published. */
  delivered(attributes: Attributes, events: readonly BrokerEvent[], beganAt: number, endedAt: number): void {
    const links = events.flatMap((event) => linksOf(event.trace));
    if (links.length > 0) {
      const options = { kind: SpanKind.CONSUMER, root: true, startTime: beganAt, attributes, links };
      this.tracer?.startSpan('sse.deliver', options).end(endedAt);
    }
  }
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** What comes over a broker is looked at: another version may have written it. */
function linksOf(traces: string | undefined): Link[] {
  return (traces?.split(' ') ?? []).flatMap((traceparent) => {
    const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent) ?? [];
    return traceId === ''
      ? []
      : [{ context: { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true } }];
  });
}
