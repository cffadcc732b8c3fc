import type { ExecutionContext, Type } from '@nestjs/common';
import { HOST_METADATA, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
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
  /** The controllers of each name: what is declared alike may stand in modules with prefixes of their own. */
  private readonly controllers = new Map<string, Type[]>();

  constructor(
    private readonly module: LimitOptions,
    private readonly reflector: Reflector,
  ) {}

  /** @param guarded whether the guard asks, which has a limit of its own where none is set */
  of(context: ExecutionContext, guarded: boolean): RouteLimits {
    return (guarded ? this.guardedRoutes : this.routes).of(context, () => {
      const own = routeOptions<LimitOptions>(this.reflector, CONNECTION_LIMIT, context, {});
      const values: LimitOptions = { ...(guarded && { perUser: DEFAULT_PER_USER }), ...this.module, ...own };
      return { name: this.nameOf(context), values, own };
    });
  }

  /** The same on every node of the application, whichever of its routes each is asked for first: nodes may share a store. */
  private nameOf(context: ExecutionContext): string {
    const controller = context.getClass();
    const handler = context.getHandler();
    const declared = [controller, handler].flatMap((target) =>
      [HOST_METADATA, VERSION_METADATA, PATH_METADATA].map((key) =>
        String(Reflect.getMetadata(key, target) ?? ''),
      ),
    );
    const name = `${controller.name}.${handler.name}(${declared.join()})`;
    const alike = this.controllers.get(name) ?? [];
    this.controllers.set(name, alike);
    const number = alike.includes(controller) ? alike.indexOf(controller) : alike.push(controller) - 1;
    return number === 0 ? name : `${name}#${number}`;
  }
}
