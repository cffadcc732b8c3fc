import { type ConnectionLabels, TimerWheel } from '@nestcast/hub';
import { type ExecutionContext, HttpException, HttpStatus, Injectable } from '@nestjs/common';
import { type Span, SpanKind } from '@opentelemetry/api';
import type { SseRequest } from '../sse-request.js';
import { RequestArrivals } from './request-arrivals.js';
import { SseDurations } from './sse-durations.js';
import { SseTracer } from './sse-tracer.js';
import { userAgentLabels } from './user-agent-class.js';

/** Measures and traces requests on their way to becoming streams: from their arrival until the headers are sent. */
@Injectable()
export class SseOpenings {
  constructor(
    private readonly arrivals: RequestArrivals,
    private readonly clock: TimerWheel,
    private readonly durations: SseDurations,
    private readonly tracer: SseTracer,
  ) {}

  /** What is known of a connection before its channels are; `undefined` where nobody asks. */
  labelsOf(request: SseRequest): ConnectionLabels | undefined {
    return this.durations.measured ? userAgentLabels(request.raw.headers['user-agent']) : undefined;
  }

  /** @param open resolves when the stream is open, or the request is answered otherwise */
  observe<T>(context: ExecutionContext, request: SseRequest, open: () => Promise<T>): Promise<T> {
    if (this.tracer.traces) {
      return this.trace(context, request, open);
    }
    return this.durations.measured ? this.measure(request, this.arrivals.take(request.raw), open) : open();
  }

  private async measure<T>(request: SseRequest, arrivedAt: number, open: () => Promise<T>): Promise<T> {
    const result = await open();
    if (hasOpened(request)) {
      this.durations.opened(this.clock.now() - arrivedAt, request.connection?.labels);
    }
    return result;
  }

  private trace<T>(context: ExecutionContext, request: SseRequest, open: () => Promise<T>): Promise<T> {
    const startTime = this.arrivals.take(request.raw);
    // Never the url: a query may have a ticket.
    const attributes = { 'http.route': routeOf(context, request) };
    return this.tracer.around(
      'sse.open',
      { kind: SpanKind.INTERNAL, attributes, startTime },
      async (span) => {
        try {
          const result = await this.measure(request, startTime, open);
          describe(span, request, outcomeOf(request));
          return result;
        } catch (error) {
          describe(span, request, isFailure(error) ? 'failed' : 'refused');
          throw error;
        }
      },
      isFailure,
    );
  }
}

/** Whether it is the server's fault. */
function isFailure(error: unknown): boolean {
  return !(error instanceof HttpException) || error.getStatus() >= HttpStatus.INTERNAL_SERVER_ERROR.valueOf();
}

function hasOpened({ connection }: SseRequest): boolean {
  return connection !== undefined && connection.lastActivityAt > 0;
}

function describe(span: Span, request: SseRequest, outcome: string): void {
  span.setAttribute('sse.open.outcome', outcome);
  if (hasOpened(request)) {
    span.setAttribute('sse.channels', request.connection?.channels.size ?? 0);
  }
}

/** Of a request that is answered; `refused`: with something that is no stream. */
function outcomeOf(request: SseRequest): string {
  if (hasOpened(request)) {
    return 'opened';
  }
  if (request.raw.method === 'HEAD') {
    return 'head';
  }
  if (request.rawResponse.statusCode === 204) {
    return 'ended';
  }
  return request.over && !request.rawResponse.headersSent ? 'aborted' : 'refused';
}

interface RoutedRequest {
  /** Express's. */
  readonly route?: { readonly path?: unknown };
  /** Fastify's. */
  readonly routeOptions?: { readonly url?: unknown };
}

/** As it was declared, with its parameters' names. */
function routeOf(context: ExecutionContext, { request }: SseRequest): string {
  const { route, routeOptions } = request as RoutedRequest;
  const path = route?.path ?? routeOptions?.url;
  return typeof path === 'string' ? path : `${context.getClass().name}.${context.getHandler().name}`;
}
