import type { ExecutionContext, Type } from '@nestjs/common';

/** Something that is worked out once for each route, from what its decorators have left. */
export class PerRoute<T> {
  /** By class first: one that is inherited has its method in common with others. */
  private readonly routes = new WeakMap<Type, Map<unknown, T>>();

  of(context: ExecutionContext, make: () => T): T {
    const controller = context.getClass();
    const handler = context.getHandler();
    let methods = this.routes.get(controller);
    if (!methods) {
      methods = new Map();
      this.routes.set(controller, methods);
    }
    let value = methods.get(handler);
    if (value === undefined) {
      value = make();
      methods.set(handler, value);
    }
    return value;
  }
}
