import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { type Given, withDefaults } from './option-validation.js';

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
