import type { ExecutionContext, Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { PerRoute } from '../per-route.js';
import { routeOptions } from '../route-options.js';
import type { LimitOptions } from '../sse.options.js';
import { CONNECTION_LIMIT } from './connection-limit.metadata.js';
import type { RouteLimits } from './route-limits.js';

/** What the guard holds a user to on a route where nothing else is said. */
const DEFAULT_PER_USER = 3;

/** The limits of each route, worked out when it is first asked for. */
export class RouteLimitsTable {
  private readonly routes = new PerRoute<RouteLimits>();
  private readonly guardedRoutes = new PerRoute<RouteLimits>();
  /** A number for each controller: the names of two of different modules may be the same. */
  private readonly controllers = new Map<Type, number>();

  constructor(
    private readonly module: LimitOptions,
    private readonly reflector: Reflector,
  ) {}

  /** @param guarded whether the guard asks, which has a limit of its own where none is set */
  of(context: ExecutionContext, guarded: boolean): RouteLimits {
    return (guarded ? this.guardedRoutes : this.routes).of(context, () => {
      const own = routeOptions<LimitOptions>(this.reflector, CONNECTION_LIMIT, context, {});
      const values: LimitOptions = { ...(guarded && { perUser: DEFAULT_PER_USER }), ...this.module, ...own };
      return { name: `${this.numberOf(context.getClass())}.${context.getHandler().name}`, values, own };
    });
  }

  private numberOf(controller: Type): number {
    const number = this.controllers.get(controller) ?? this.controllers.size;
    this.controllers.set(controller, number);
    return number;
  }
}
