import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type CompressionOptions,
  type HubConnection,
  type HeartbeatOptions,
  Http1Transport,
  RETURN_ID,
  type RetryOptions,
  SseError,
} from '@nestcast/hub';
import * as common from '@nestjs/common';
import { type RequestRefusal, secondsOf } from './limits/request-refusal.js';
import type { RequestSlots } from './limits/request-slots.js';
import type { TicketClaims } from './tickets/ticket-claims.js';

/** Express's request is Node's own; Fastify's has it in `raw`. */
export type FrameworkRequest = (IncomingMessage | { readonly raw: IncomingMessage }) & {
  readonly ip?: string;
};
export type FrameworkResponse = ServerResponse | FastifyReply;

/** The part of Fastify's reply that is used here. */
interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
  header(name: string, value: string): unknown;
  getHeaders(): Record<string, number | string | string[] | undefined>;
}

/** Where Nest's own `@SseSignal()` looks; Nest 11 has none. */
const NEST_SIGNAL = (common as { SSE_ABORT_CONTROLLER?: symbol }).SSE_ABORT_CONTROLLER;

type SignalCarrier = Record<symbol, { readonly signal: AbortSignal } | undefined>;

/** Where a response has what is known of its request. */
const SSE_REQUEST = Symbol('nestcast:request');
type Carrier = ServerResponse & { [SSE_REQUEST]?: SseRequest | undefined };

/**
 * What is known of one request on its way to becoming a stream: the options that interceptors have set for it, the
 * transport it will be written to, and its connection.
 */
export class SseRequest {
  readonly raw: IncomingMessage;
  readonly rawResponse: ServerResponse;
  readonly ip: string | undefined;

  /** Set by the interceptors; over the module's. */
  heartbeat: HeartbeatOptions | undefined;
  retry: RetryOptions | undefined;
  compression: CompressionOptions | undefined;
  /** Who it belongs to, as `identify` has told once all guards were through. */
  userId: string | undefined;
  /** What the ticket has told that it came with, in place of `identify`; never the ticket itself. */
  ticket: TicketClaims | undefined;
  /** When its right to be here was found out, by the limits' first look or with its ticket; milliseconds since the Unix epoch. */
  entitledAt: number | undefined;
  /** Set when the handler has returned a private stream: its result is the events, not the channels. */
  isPrivate = false;
  /** What it counts as against the limits. */
  slots: RequestSlots | undefined;
  /** Set by the guard, for the route to answer. */
  refusal: RequestRefusal | undefined;
  /** Called when {@link isPrivate} is set. */
  onPrivate: (() => void) | undefined;

  private theTransport: Http1Transport | undefined;
  private theConnection: HubConnection | undefined;

  private constructor(
    /** As guards and `identify` see it. */
    readonly request: FrameworkRequest,
    readonly response: FrameworkResponse,
  ) {
    this.raw = 'raw' in request ? request.raw : request;
    this.rawResponse = rawOf(response);
    this.ip = request.ip ?? this.raw.socket.remoteAddress;
  }

  /** The one of this request; made when it is first asked for. */
  static of(context: common.ExecutionContext): SseRequest {
    // What switchToHttp() does, without the object and the functions that it makes each time.
    const response = context.getArgByIndex<FrameworkResponse>(1);
    const carrier: Carrier = rawOf(response);
    carrier[SSE_REQUEST] ??= new SseRequest(context.getArgByIndex<FrameworkRequest>(0), response);
    return carrier[SSE_REQUEST];
  }

  /** The one whose response this is, if the request goes through `@SseChannel()`. */
  static find(response: unknown): SseRequest | undefined {
    const isResponse = typeof response === 'object' && response !== null;
    return isResponse ? (rawOf(response as FrameworkResponse) as Carrier)[SSE_REQUEST] : undefined;
  }

  get connection(): HubConnection | undefined {
    return this.theConnection;
  }

  set connection(connection: HubConnection | undefined) {
    this.theConnection = connection;
    if (NEST_SIGNAL) {
      // Nest 12 has an @SseSignal() of its own, easily imported in place of ours: it works as well.
      (this.request as unknown as SignalCarrier)[NEST_SIGNAL] = this;
    }
  }

  /** Aborted when the connection closes. */
  get signal(): AbortSignal {
    return this.requireConnection('@SseSignal()').signal;
  }

  get transport(): Http1Transport {
    this.theTransport ??= new Http1Transport(this.raw, this.rawResponse, () => this.takeResponse());
    return this.theTransport;
  }

  /** [spec] WHATWG 9.2.3: the header; the parameter is for polyfills and fresh page loads, which can't set headers. */
  get lastEventId(): string | undefined {
    // Node joins repeated ones into one string, which is nobody's id.
    const header = this.raw.headers['last-event-id']?.toString();
    const id = (header !== RETURN_ID && header) || this.parameter('lastEventId');
    return id && id !== RETURN_ID ? id : undefined;
  }

  /**
   * Whether its client comes back by itself: a fresh page load has no such header, though it may have the parameter. With a
   * ticket each opening is the page's own, which can send no header: there it is the parameter that tells.
   */
  get returns(): boolean {
    const byPage = this.ticket !== undefined && this.parameter('lastEventId');
    return Boolean(this.raw.headers['last-event-id'] || byPage);
  }

  /** Of the URL's query; of several with one name the first. */
  parameter(name: string): string | null {
    const url = this.raw.url ?? '';
    const start = url.indexOf('?');
    return start < 0 ? null : new URLSearchParams(url.slice(start)).get(name);
  }

  /** @throws SseError `INVALID_HANDLER_RESULT` outside a route with `@SseChannel()` */
  requireConnection(decorator: string): HubConnection {
    if (!this.connection) {
      throw new SseError(
        'INVALID_HANDLER_RESULT',
        `${decorator} works only in the handler of an @SseChannel() route.`,
      );
    }
    return this.connection;
  }

  /** Whether the response has begun, or nobody waits for it any more. */
  get over(): boolean {
    return this.rawResponse.headersSent || this.rawResponse.destroyed || this.raw.socket.destroyed;
  }

  /** Tells a client that is turned away when to come back. */
  setRetryAfter(ms: number): void {
    const seconds = secondsOf(ms);
    const { response } = this;
    if ('hijack' in response) {
      response.header('Retry-After', String(seconds));
    } else {
      response.setHeader('Retry-After', seconds);
    }
  }

  /** Lets go of what nobody asks for once the stream is open, which it may stay for hours. */
  forget(): void {
    this.onPrivate = undefined;
    (rawOf(this.response) as Carrier)[SSE_REQUEST] = undefined;
    if (NEST_SIGNAL) {
      (this.request as unknown as SignalCarrier)[NEST_SIGNAL] = undefined;
    }
  }

  /** Takes the response out of the framework's hands, with the headers that have been set on it. */
  takeResponse(): void {
    const { response } = this;
    if ('hijack' in response) {
      response.hijack();
      for (const [name, value] of Object.entries(response.getHeaders())) {
        if (value !== undefined) {
          response.raw.setHeader(name, value);
        }
      }
    }
  }
}

function rawOf(response: FrameworkResponse): ServerResponse {
  return 'raw' in response ? response.raw : response;
}
