import {
  Hub,
  type OpenOptions,
  type PrivateStream,
  type SseEvent,
  answerAtOnce,
  eventStreamHeaders,
} from '@nestcast/hub';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  NotAcceptableException,
} from '@nestjs/common';
import { type Observable, lastValueFrom, of } from 'rxjs';
import {
  type Encoding,
  type OfferedEncodings,
  acceptsEventStream,
  negotiateCoding,
  offeredEncodings,
} from './content-negotiation.js';
import { expiryOf, tenantOf } from './credentials.js';
import { channelsOf } from './handler-result.js';
import { httpExceptionOfClose } from './http-exception.js';
import { answerNoContent } from './limits/refusal-answers.js';
import { SseLimits } from './limits/sse-limits.js';
import { ResolvedSseOptions } from './sse.options.js';
import { longPollOf } from './long-poll.js';
import { SseRequest } from './sse-request.js';
import { SseOpenings } from './telemetry/sse-openings.js';
import { assertTicketed } from './tickets/ticketed-channels.js';

/**
 * Turns the request into a stream once guards, pipes and handler are through. For interceptors outside it the request
 * is over then, with no value; the handler's result, or a private stream's events one by one, has passed those inside.
 */
@Injectable()
export class SseChannelInterceptor implements NestInterceptor {
  constructor(
    private readonly hub: Hub,
    private readonly limits: SseLimits,
    private readonly options: ResolvedSseOptions,
    private readonly openings: SseOpenings,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<undefined>> {
    const request = SseRequest.of(context);
    return this.openings.observe(context, request, () => this.takeIn(context, request, next));
  }

  private async takeIn(
    context: ExecutionContext,
    request: SseRequest,
    next: CallHandler,
  ): Promise<Observable<undefined>> {
    if (!acceptsEventStream(request.raw)) {
      throw new NotAcceptableException('This route answers with text/event-stream.');
    }
    try {
      await this.connect(context, request);
      if (request.raw.method === 'HEAD') {
        await this.answerHead(request, next);
        return of(undefined);
      }
      await this.open(request, next);
      this.answerClosed(request);
    } catch (error) {
      request.connection?.abandon('error', error);
      this.limits.refuse(error, request);
    }
    return of(undefined);
  }

  /** @throws what stands against it */
  private async connect(context: ExecutionContext, request: SseRequest): Promise<void> {
    const expiresAt = this.requireUnexpired(request);
    if (request.refusal) {
      throw request.refusal;
    }
    const claimed = this.limits.claim(context, request);
    if (claimed) {
      await claimed;
    }
    this.limits.assertHeld(request);
    const { slots } = request;
    request.connection = this.hub.connect({
      userId: request.userId,
      tenant: request.ticket?.tenant ?? tenantOf(this.options.tenant, request),
      ip: request.ip,
      lastEventId: request.lastEventId,
      entitledAt: request.entitledAt,
      transport: request.transport,
      lease: slots,
      labels: this.openings.labelsOf(request),
    });
    if (slots) {
      slots.connection = request.connection;
    }
    if (request.connection.closeReason === 'revoked') {
      throw httpExceptionOfClose('revoked', request, this.options.retry.ms);
    }
    if (expiresAt !== undefined) {
      request.connection.expireAt(expiresAt);
    }
  }

  /**
   * @returns when the right to read ends; milliseconds since the Unix epoch
   * @throws HttpException 401 if it has
   */
  private requireUnexpired(request: SseRequest): number | undefined {
    const expiresAt = earlier(request.ticket?.expiresAt, expiryOf(this.options.expiresAt, request));
    if (expiresAt !== undefined && expiresAt <= this.hub.clock.now()) {
      throw httpExceptionOfClose('expired', request, this.options.retry.ms);
    }
    return expiresAt;
  }

  /**
   * The headers that GET would have, once pipes and the route's interceptors are through; its handler is not called. Where
   * the coding depends on what it returns, none is told. [spec] RFC 9110 9.3.2
   */
  private async answerHead(request: SseRequest, next: CallHandler): Promise<void> {
    await lastValueFrom(next.handle(), { defaultValue: undefined });
    request.connection?.abandon('complete');
    request.takeResponse();
    const { all, shared } = this.encodings(request);
    const { coding } = this.openOptions(request, all);
    const told = coding === this.openOptions(request, shared).coding ? coding : 'identity';
    answerAtOnce(request.rawResponse, eventStreamHeaders(told, all.length > 0));
  }

  /** What is closed before it is open must have an answer, whatever has closed it. */
  private answerClosed(request: SseRequest): void {
    const reason = request.connection?.closeReason;
    if (reason === undefined || request.over) {
      return;
    }
    this.limits.assertHeld(request);
    if (reason === 'drain') {
      // Refused like one that comes a moment later: a page that may come back must not be turned away for good.
      this.hub.assertAccepting();
    }
    if (reason !== 'complete') {
      throw httpExceptionOfClose(reason, request, this.options.retry.ms);
    }
    answerNoContent(request);
  }

  /** Resolves when the stream is open or closed, rejects while the request can still be answered otherwise. */
  private open(request: SseRequest, next: CallHandler): Promise<void> {
    const connection = request.requireConnection('@SseChannel()');
    let opened: PrivateStream | undefined;
    const stream = (): PrivateStream => (opened ??= this.hub.openPrivate(connection));
    return new Promise((resolve, reject) => {
      // An interceptor may put events before the handler's, when it isn't known yet what the handler returns.
      const values: unknown[] = [];
      let begun = false;
      let subscribing = false;
      const begin = (): void => {
        if (!begun && !connection.closed) {
          begun = true;
          try {
            assertTicketed(request.ticket, undefined);
            stream().begin(this.openOptions(request, this.encodings(request).all));
            resolve();
          } catch (error) {
            reject(error);
          }
        }
      };
      const fail = (error: unknown): void => {
        if (begun) {
          stream().fail(error);
        } else {
          reject(error);
        }
      };
      // A source that fails before its first event, and before it has waited for anything, still gets its real status.
      request.onPrivate = () => setImmediate(begin);
      const pass = (): void => {
        try {
          // Checked before the headers go out.
          for (const event of values.splice(0)) {
            stream().send(event as SseEvent);
          }
          begin();
        } catch (error) {
          fail(error);
          subscription.unsubscribe();
        }
      };
      const subscription = next.handle().subscribe({
        next: (value: unknown) => {
          values.push(value);
          if (request.isPrivate) {
            pass();
          }
        },
        error: fail,
        complete: () => {
          if (request.isPrivate) {
            pass();
            stream().complete();
          } else {
            subscribing = true;
            // What belongs to the request is let go: the connection may stay for hours.
            this.openChannels(request, values.at(-1), () => forget()).then(resolve, reject);
          }
        },
      });
      const forget = connection.onClosed(() => {
        subscription.unsubscribe();
        // Where the channels can't be subscribed to, that is about to reject with the reason.
        if (!subscribing || connection.closeReason !== 'error' || request.over) {
          resolve();
        }
      });
    });
  }

  private async openChannels(request: SseRequest, result: unknown, opened: () => void): Promise<void> {
    const connection = request.requireConnection('@SseChannel()');
    const channels = channelsOf(result, this.hub);
    assertTicketed(request.ticket, channels);
    if (connection.closed) {
      return;
    }
    const claimed = this.limits.claimChannels(request, channels);
    if (claimed) {
      await claimed;
      if (connection.closed) {
        return;
      }
    }
    const options = this.openOptions(request, this.encodings(request).shared);
    const longPoll = longPollOf(request.raw, this.options.longPoll);
    await this.hub.openChannels(connection, channels, longPoll ? { ...options, ...longPoll } : options);
    request.forget();
    opened();
  }

  private encodings(request: SseRequest): OfferedEncodings {
    return offeredEncodings(request.compression ?? this.options.compression);
  }

  /** @param encodings what this stream can be compressed with; with none, all requests get the same and `Vary` says nothing */
  private openOptions<E extends Encoding>(
    request: SseRequest,
    encodings: readonly E[],
  ): OpenOptions & { readonly coding: E | 'identity' } {
    const compression = request.compression ?? this.options.compression;
    return {
      heartbeat: request.heartbeat ?? this.options.heartbeat,
      retry: request.retry ?? this.options.retry,
      compression,
      negotiated: encodings.length > 0,
      overflow: this.options.overflow,
      maxConnectionAge: this.options.maxConnectionAge,
      tcpKeepAlive: this.options.tcpKeepAlive,
      coding: negotiateCoding(request.raw, encodings),
      marksReturn: request.slots?.route.values.policy === 'evict-oldest' && !request.returns,
    };
  }
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
