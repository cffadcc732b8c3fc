import { type Channel, Hub, type Lease, type LeaseClaim, LeaseTable, OpenRate } from '@nestcast/hub';
import { type ExecutionContext, Injectable, type OnApplicationShutdown, type Type } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { identified } from '../credentials.js';
import { limitException } from '../http-exception.js';
import { PerRoute } from '../per-route.js';
import { routeOptions } from '../route-options.js';
import { type LimitOptions, ResolvedSseOptions } from '../sse.options.js';
import type { SseRequest } from '../sse-request.js';
import { CONNECTION_LIMIT } from './connection-limit.metadata.js';
import { RequestSlots, type RouteLimits } from './request-slots.js';

/** What the guard holds a user to on a route where nothing else is said. */
const DEFAULT_PER_USER = 3;

/**
 * Counts connections against the limits. The guard claims before anything else of the request, the route's interceptor
 * what the guard couldn't know (a user that a later guard has found) or what has no guard; each limit counts a request
 * once. Slots come back when the connection closes (the interceptor sees to that) or the response is over, whichever is
 * first.
 */
@Injectable()
export class SseLimits implements OnApplicationShutdown {
  private readonly leases = new LeaseTable();
  private readonly rate: OpenRate;
  private readonly routes = new PerRoute<RouteLimits>();
  private readonly guardedRoutes = new PerRoute<RouteLimits>();
  /** A number for each controller: the names of two of different modules may be the same. */
  private readonly controllers = new Map<Type, number>();

  constructor(
    private readonly options: ResolvedSseOptions,
    private readonly reflector: Reflector,
    hub: Hub,
  ) {
    this.rate = new OpenRate(hub.clock);
  }

  onApplicationShutdown(): void {
    this.rate.clear();
  }

  /** Slots that are taken now, over all limits; 0 when nothing is open. */
  get taken(): number {
    return this.leases.size;
  }

  /**
   * Counts the request against every limit it isn't counted against yet.
   *
   * @param guarded whether the guard asks, which has a limit of its own where none is set
   * @throws HttpException 429, or 503 for the total, with Retry-After
   * @throws SseError `INVALID_OPTION` if `identify` tells nothing that can be an id
   */
  claim(context: ExecutionContext, request: SseRequest, guarded = false): void {
    const slots = this.slotsOf(context, request, guarded);
    const userId = request.ticket?.userId ?? identified(this.options.identify, request);
    if (!guarded) {
      // What the guard is told may be too early, before another guard has found out who the user is.
      request.userId = userId;
    }
    const subject = userId === undefined ? `ip:${request.ip}` : `user:${userId}`;
    this.claimOpen(request, slots, subject);
    const claims = [
      this.claimFor(slots, 'total', ''),
      userId === undefined ? undefined : this.claimFor(slots, 'perUser', userId),
      request.ip === undefined ? undefined : this.claimFor(slots, 'perIp', request.ip),
    ];
    const lease = this.lease(request, claims);
    if (lease) {
      slots.add(lease);
    }
  }

  /** @throws HttpException 429 with Retry-After if a channel has all the connections it may have */
  claimChannels(request: SseRequest, channels: readonly Channel[]): void {
    const { slots } = request;
    if (slots?.route.values.perChannel === undefined) {
      return;
    }
    // One after the other, for each to be given back by itself; a refusal ends the request, and with it what it holds.
    for (const { name } of channels) {
      const lease = this.lease(request, [this.claimFor(slots, 'perChannel', name)]);
      if (lease) {
        slots.addFor(name, lease);
      }
    }
  }

  /** Once the guard has begun, its values are the request's. */
  private slotsOf(context: ExecutionContext, request: SseRequest, guarded: boolean): RequestSlots {
    if (!request.slots) {
      request.slots = new RequestSlots(this.routeOf(context, guarded));
      request.transport.onOver(request.slots);
    }
    return request.slots;
  }

  private claimOpen(request: SseRequest, slots: RequestSlots, subject: string): void {
    const { route } = slots;
    const perMinute = route.values.opensPerMinute;
    if (perMinute === undefined || !slots.count('opensPerMinute')) {
      return;
    }
    const scope = route.own.opensPerMinute === undefined ? '' : route.name;
    const waitMs = this.rate.take(`${scope} ${subject}`, perMinute);
    if (waitMs > 0) {
      throw limitException('opensPerMinute', request, waitMs);
    }
  }

  private claimFor(
    slots: RequestSlots,
    limit: 'total' | 'perUser' | 'perIp' | 'perChannel',
    subject: string,
  ): LeaseClaim | undefined {
    const { route } = slots;
    const max = route.values[limit];
    if (max === undefined || !slots.count(limit === 'perChannel' ? `${limit} ${subject}` : limit)) {
      return undefined;
    }
    const scope = route.own[limit] === undefined ? '' : route.name;
    return { key: `${scope} ${limit} ${subject}`, limit, max };
  }

  /** `undefined`: it has been counted before. */
  private lease(request: SseRequest, claims: readonly (LeaseClaim | undefined)[]): Lease | undefined {
    const wanted = claims.filter((claim) => claim !== undefined);
    if (wanted.length === 0) {
      return undefined;
    }
    const lease = this.leases.take(wanted);
    if ('refused' in lease) {
      throw limitException(lease.refused.limit as keyof LimitOptions, request, this.options.retry.ms);
    }
    return lease;
  }

  private routeOf(context: ExecutionContext, guarded: boolean): RouteLimits {
    return (guarded ? this.guardedRoutes : this.routes).of(context, () => {
      const { limits } = this.options;
      const own = routeOptions<LimitOptions>(this.reflector, CONNECTION_LIMIT, context, {});
      const values: LimitOptions = { ...(guarded && { perUser: DEFAULT_PER_USER }), ...limits, ...own };
      return { name: `${this.numberOf(context.getClass())}.${context.getHandler().name}`, values, own };
    });
  }

  private numberOf(controller: Type): number {
    const number = this.controllers.get(controller) ?? this.controllers.size;
    this.controllers.set(controller, number);
    return number;
  }
}
