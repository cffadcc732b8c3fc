import {
  HttpCode,
  HttpStatus,
  Logger,
  RequestMapping,
  RequestMethod,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import { adoptResult } from './handler-result.js';
import { SseChannelInterceptor } from './sse-channel.interceptor.js';
import { SseRequest } from './sse-request.js';
import { MarkSseRoute } from './sse-route.js';

export interface SseChannelOptions {
  /** Default `RequestMethod.GET`. Any other answers 200 as well, because an EventSource accepts nothing else. */
  readonly method?: RequestMethod;
}

type Handler = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Makes a controller's method a route that streams events. What the method returns says which:
 * - a channel name, a `Channel`, or an array of these: the client is subscribed to them;
 * - an Observable, an iterable or async iterable of events: a private stream for this client alone, pulled no faster
 *   than it reads where it can be pulled.
 *
 * Guards, pipes, filters, versioning and prefixes work as on any route; the headers go out after the handler.
 */
export function SseChannel(path: string | string[] = '/', options: SseChannelOptions = {}): MethodDecorator {
  return (target, key, descriptor) => {
    const handler = descriptor.value as Handler;
    const parameters = Reflect.getMetadata('design:paramtypes', target, key) as unknown[] | undefined;
    const responseIndex = Math.max(parameters?.length ?? 0, handler.length);
    const replacement = adopting(handler, responseIndex);
    (descriptor as PropertyDescriptor).value = replacement;
    // The metadata of @Res() tells Nest that the response isn't its to send.
    Res()(target, key, responseIndex);
    // First of the method's interceptors, so that all others lie between it and the handler.
    UseInterceptors(SseChannelInterceptor)(target, key, descriptor);
    moveMetadata(handler, replacement);
    MarkSseRoute()(target, key, descriptor);
    RequestMapping({ path, method: options.method ?? RequestMethod.GET })(target, key, descriptor);
    HttpCode(HttpStatus.OK)(target, key, descriptor);
  };
}

/** Called by anybody but Nest, for instance in a unit test, the method is what it was. */
function adopting(handler: Handler, responseIndex: number): Handler {
  const logger = new Logger(SseChannel.name);
  const replacement: Handler = function (...args) {
    const request = SseRequest.find(args[responseIndex]);
    if (!request) {
      return handler.apply(this, args);
    }
    if (request.raw.method === 'HEAD') {
      return undefined;
    }
    const result = handler.apply(this, args.slice(0, responseIndex));
    return adoptResult(result, request, (error) =>
      logger.error(`ending the source of a private stream: ${String(error)}`),
    );
  };
  Object.defineProperty(replacement, 'name', { value: handler.name });
  return replacement;
}

/** Carries over what decorators further down have left on the method; lists are added to. */
function moveMetadata(from: Handler, to: Handler): void {
  for (const key of Reflect.getMetadataKeys(from) as unknown[]) {
    const below: unknown = Reflect.getMetadata(key, from);
    const own: unknown = Reflect.getMetadata(key, to);
    const both =
      Array.isArray(own) && Array.isArray(below) ? [...(own as unknown[]), ...(below as unknown[])] : below;
    Reflect.defineMetadata(key, both, to);
  }
}
