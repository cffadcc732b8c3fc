import { Hub, type OpenOptions, type SseEvent, answerHead, eventStreamHeaders } from '@nestcast/hub';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  NotAcceptableException,
} from '@nestjs/common';
import { type Observable, of } from 'rxjs';
import { acceptsEventStream, negotiateCoding } from './content-negotiation.js';
import { channelsOf } from './handler-result.js';
import { httpExceptionOf } from './http-exception.js';
import { SseLimits } from './limits/sse-limits.js';
import { ResolvedSseOptions } from './sse.options.js';
import { SseRequest } from './sse-request.js';

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
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<undefined>> {
    const request = SseRequest.of(context);
    if (!acceptsEventStream(request.raw)) {
      throw new NotAcceptableException('This route answers with text/event-stream.');
    }
    if (request.raw.method === 'HEAD') {
      request.takeResponse();
      const { coding, compression } = this.openOptions(request);
      answerHead(request.rawResponse, eventStreamHeaders(coding, (compression?.encodings.length ?? 0) > 0));
      return of(undefined);
    }
    this.limits.claim(context, request);
    try {
      request.connection = this.hub.connect({
        userId: this.limits.userOf(request),
        ip: request.ip,
        lastEventId: request.lastEventId,
        transport: request.transport,
      });
      await this.open(request, next);
    } catch (error) {
      request.connection?.abandon('error', error);
      throw httpExceptionOf(error);
    }
    return of(undefined);
  }

  /** Resolves when the stream is open, rejects while the request can still be answered otherwise. */
  private open(request: SseRequest, next: CallHandler): Promise<void> {
    const connection = request.requireConnection('@SseChannel()');
    return new Promise((resolve, reject) => {
      let result: unknown;
      let begun = false;
      const begin = (): void => {
        if (!begun && !connection.closed) {
          begun = true;
          try {
            connection.begin(this.openOptions(request));
            resolve();
          } catch (error) {
            reject(error);
          }
        }
      };
      const fail = (error: unknown): void => {
        if (begun) {
          connection.fail(error);
        } else {
          reject(error);
        }
      };
      // A source that fails before its first event, and before it has waited for anything, still gets its real status.
      request.onPrivate = () => setImmediate(begin);
      const subscription = next.handle().subscribe({
        next: (value: unknown) => {
          if (!request.isPrivate) {
            result = value;
            return;
          }
          try {
            // Checked before the headers go out.
            connection.send(value as SseEvent);
            begin();
          } catch (error) {
            fail(error);
            subscription.unsubscribe();
          }
        },
        error: fail,
        complete: () => {
          if (request.isPrivate) {
            begin();
            connection.close('complete');
          } else {
            this.openChannels(request, result).then(resolve, reject);
          }
        },
      });
      connection.onClosed(() => {
        subscription.unsubscribe();
        // The client has gone before the handler was through: there is nobody to answer.
        resolve();
      });
    });
  }

  private async openChannels(request: SseRequest, result: unknown): Promise<void> {
    const connection = request.requireConnection('@SseChannel()');
    const channels = channelsOf(result, this.hub);
    this.limits.claimChannels(request, channels);
    if (connection.closed) {
      return;
    }
    const outcome = await this.hub.openChannels(connection, channels, this.openOptions(request));
    if (outcome === 'ended') {
      // [spec] WHATWG 9.2.3: 204 tells an EventSource to stop reconnecting.
      request.takeResponse();
      request.rawResponse.statusCode = 204;
      request.rawResponse.end();
    }
  }

  private openOptions(request: SseRequest): OpenOptions {
    const compression = request.compression ?? this.options.compression;
    return {
      heartbeat: request.heartbeat ?? this.options.heartbeat,
      retry: request.retry ?? this.options.retry,
      compression,
      overflow: this.options.overflow,
      maxConnectionAge: this.options.maxConnectionAge,
      coding: negotiateCoding(request.raw, compression),
    };
  }
}
