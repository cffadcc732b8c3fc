import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  type Type,
  UseInterceptors,
  applyDecorators,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { type Given, type OptionRules, assertOptions, withDefaults } from './option-validation.js';
import { PerRoute } from './per-route.js';
import { ResolvedSseOptions } from './sse.options.js';
import { SseRequest } from './sse-request.js';
import { isSseRoute } from './sse-route.js';

/**
 * Options that a decorator has left on a route under `key`: each field as the method says, else as its controller does,
 * else as `defaults` do.
 */
export function routeOptions<T extends object>(
  reflector: Reflector,
  key: symbol,
  context: ExecutionContext,
  defaults: T,
): T {
  const [ofController, ofMethod] = reflector.getAll<(Given<T> | undefined)[]>(key, [
    context.getClass(),
    context.getHandler(),
  ]);
  return withDefaults(withDefaults(defaults, ofController), ofMethod);
}

/**
 * An interceptor that sets options on the connection being opened; nothing of it runs for an event, or for what is no
 * `@SseChannel()` route.
 */
@Injectable()
export abstract class RouteOptionsInterceptor implements NestInterceptor {
  private readonly routes = new PerRoute<object>();

  constructor(
    private readonly reflector: Reflector,
    protected readonly module: ResolvedSseOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (isSseRoute(context)) {
      this.setOptions(SseRequest.of(context), (key, defaults) => this.ofRoute(context, key, defaults));
    }
    return next.handle();
  }

  private ofRoute<T extends object>(context: ExecutionContext, key: symbol, defaults: T): T {
    return this.routes.of(context, () => routeOptions(this.reflector, key, context, defaults)) as T;
  }

  /** @param ofRoute the route's options under a key, over the defaults */
  protected abstract setOptions(
    request: SseRequest,
    ofRoute: <T extends object>(key: symbol, defaults: T) => T,
  ): void;
}

/** A decorator that is its options as metadata, with the interceptor that reads them. */
export function routeOptionsDecorator(
  name: string,
  rules: OptionRules,
  options: object,
  key: symbol,
  interceptor: Type<RouteOptionsInterceptor>,
): ClassDecorator & MethodDecorator {
  assertOptions(name, rules, options);
  return applyDecorators(SetMetadata(key, options), UseInterceptors(interceptor));
}
