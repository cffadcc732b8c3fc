import {
  type Awaitable,
  type Channel,
  Hub,
  type LeaseClaim,
  type LimitName,
  type RefusalCause,
  SseError,
  jittered,
} from '@nestcast/hub';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { isPromise } from 'node:util/types';
import { BrokerAnswers } from '../broker-answers.js';
import { identified } from '../credentials.js';
import { httpExceptionOf, refusalException } from '../http-exception.js';
import { type Refusal, ResolvedSseOptions } from '../sse.options.js';
import type { SseRequest } from '../sse-request.js';
import { answerNoContent, answerWithGoodbye } from './refusal-answers.js';
import { RequestRefusal, limitMessage } from './request-refusal.js';
import { RequestSlots } from './request-slots.js';
import { leaseKey } from './route-limits.js';
import { RouteLimitsTable } from './route-limits-table.js';

/**
 * Counts connections against the limits. The guard claims before anything else of the request, the route's interceptor
 * what the guard couldn't know (a user that a later guard has found) or what has no guard; each limit counts a request
 * once. Slots come back when the connection closes (the interceptor sees to that) or the response is over, whichever is
 * first.
 *
 * Nothing is awaited where the store of the leases answers at once, as this node's own does.
 */
@Injectable()
export class SseLimits {
  private readonly routes: RouteLimitsTable;

  constructor(
    private readonly options: ResolvedSseOptions,
    reflector: Reflector,
    private readonly hub: Hub,
    private readonly answers: BrokerAnswers,
  ) {
    this.routes = new RouteLimitsTable(options.limits, reflector);
  }

  /**
   * Counts the request against every limit it isn't counted against yet.
   *
   * @param guarded whether the guard asks, which has a limit of its own where none is set
   * @throws SseError if the node takes nobody now, or a limit is used up; `INVALID_OPTION` if `identify` tells nothing that
   * can be an id; what the store of the leases does: for {@link refuse} to answer
   */
  claim(context: ExecutionContext, request: SseRequest, guarded = false): Awaitable<void> {
    const slots = this.slotsOf(context, request, guarded);
    // A ticket that has come to light since tells more.
    slots.mayEvict &&= !request.returns;
    request.entitledAt ??= this.hub.clock.now();
    // Before anybody has to make room for it.
    this.hub.assertAccepting();
    const userId = request.ticket?.userId ?? identified(this.options.identify, request);
    if (!guarded) {
      // What the guard is told may be too early, before another guard has found out who the user is.
      request.userId = userId;
    }
    const subject = userId === undefined ? `ip:${request.ip}` : `user:${userId}`;
    const claimed = andThen(this.claimOpen(slots, subject), () => {
      // A later guard may yet turn it away: nobody makes room for it before.
      if (!guarded || !slots.mayEvict) {
        return this.lease(slots, [
          this.claimFor(slots, 'total', ''),
          this.claimForUser(slots, userId),
          request.ip === undefined ? undefined : this.claimFor(slots, 'perIp', request.ip),
        ]);
      }
    });
    return this.inTime(claimed);
  }

  /** @throws the same, if a channel has all the connections it may have */
  claimChannels({ slots }: SseRequest, channels: readonly Channel[]): Awaitable<void> {
    if (slots?.route.values.perChannel !== undefined) {
      const claims = channels.map(({ name }) => this.claimFor(slots, 'perChannel', name));
      return this.inTime(this.lease(slots, claims));
    }
  }

  /** @throws the same, if the request has had to make room for another while it was on its way */
  assertHeld({ slots }: SseRequest): void {
    if (slots?.evictedFor !== undefined) {
      throw this.refusalBy(slots, slots.evictedFor);
    }
  }

  /** The refusal that an error is, if it is one. */
  refusalOf(error: unknown, request: SseRequest): RequestRefusal | undefined {
    if (error instanceof RequestRefusal) {
      return error;
    }
    if (!(error instanceof SseError) || (error.code !== 'DRAINING' && error.code !== 'UNDER_PRESSURE')) {
      return undefined;
    }
    const by = error.code === 'DRAINING' ? 'drain' : 'pressure';
    const { retry, drain } = this.options;
    const retryMs =
      by === 'drain' ? Math.floor(Math.random() * drain.reconnectWindowMs) : jittered(retry.ms, retry.jitter);
    return new RequestRefusal(error.code, error.message, by, this.wayOf(request.slots, by), retryMs);
  }

  /**
   * Answers a request that got no stream, and counts it.
   *
   * @throws HttpException where its status is the answer, or what else has gone wrong
   */
  refuse(error: unknown, request: SseRequest): void {
    const refusal = this.refusalOf(error, request);
    if (!refusal) {
      throw httpExceptionOf(error, request, this.options.retry.ms);
    }
    this.hub.refused(refusal.by);
    if (refusal.way === 'status') {
      throw refusalException(refusal, request);
    }
    if (request.over) {
      return;
    }
    if (refusal.way === 'stream') {
      answerWithGoodbye(request, refusal, this.options.longPoll);
    } else {
      answerNoContent(request);
    }
  }

  /** What comes too late is given back by the slots, whose request is over then. */
  private inTime(claimed: Awaitable<void>): Awaitable<void> {
    return isPromise(claimed) ? this.answers.of(claimed) : claimed;
  }

  /** Once the guard has begun, its values are the request's. */
  private slotsOf(context: ExecutionContext, request: SseRequest, guarded: boolean): RequestSlots {
    if (!request.slots) {
      const route = this.routes.of(context, guarded);
      // Only who comes for the first time: one that comes back by itself would take the place of the one that has taken its.
      const isFirst = !request.returns && request.raw.method !== 'HEAD' && !request.over;
      const mayEvict = isFirst && route.values.policy === 'evict-oldest';
      request.slots = new RequestSlots(route, mayEvict);
      request.transport.onOver(request.slots);
    }
    return request.slots;
  }

  private claimOpen(slots: RequestSlots, subject: string): Awaitable<void> {
    const { route } = slots;
    const perMinute = route.values.opensPerMinute;
    if (perMinute === undefined || !slots.count('opensPerMinute')) {
      return;
    }
    const key = leaseKey(route, 'opensPerMinute', subject);
    return andThen(answered(this.hub.leases.countOpen(key, perMinute)), (waitMs) => {
      if (waitMs > 0) {
        throw this.refusalBy(slots, 'opensPerMinute', waitMs);
      }
    });
  }

  /** For whom the guard was told first, a guest for instance, it is counted no longer. */
  private claimForUser(slots: RequestSlots, userId: string | undefined): LeaseClaim | undefined {
    const ofUser = (id: string): string => leaseKey(slots.route, 'perUser', id);
    slots.keepOnly(ofUser(''), userId === undefined ? undefined : ofUser(userId));
    return userId === undefined ? undefined : this.claimFor(slots, 'perUser', userId);
  }

  private claimFor(
    slots: RequestSlots,
    limit: Exclude<LimitName, 'opensPerMinute'>,
    subject: string,
  ): LeaseClaim | undefined {
    const { route } = slots;
    const max = route.values[limit];
    const key = leaseKey(route, limit, subject);
    if (max === undefined || !slots.count(limit === 'perChannel' || limit === 'perUser' ? key : limit)) {
      return undefined;
    }
    return { key, limit, max };
  }

  /** @param claims `undefined`: it has been counted before */
  private lease(slots: RequestSlots, claims: readonly (LeaseClaim | undefined)[]): Awaitable<void> {
    const wanted = claims.filter((claim) => claim !== undefined);
    if (wanted.length === 0) {
      return;
    }
    const holder = slots.route.values.policy === 'evict-oldest' ? slots : undefined;
    const evicts = slots.mayEvict && !slots.released;
    return andThen(answered(this.hub.leases.take(wanted, holder, evicts)), (outcome) => {
      if ('refused' in outcome) {
        throw this.refusalBy(slots, outcome.refused.limit as LimitName);
      }
      slots.add(outcome);
    });
  }

  private refusalBy(slots: RequestSlots, limit: LimitName, waitMs?: number): RequestRefusal {
    const { retry } = this.options;
    const way = this.wayOf(slots, limit);
    // A window's end is the same for all whom it has refused.
    const retryMs =
      waitMs === undefined ? jittered(retry.ms, retry.jitter) : Math.ceil(waitMs + Math.random() * retry.ms);
    const told = way === 'status' ? (waitMs ?? retry.ms) : retryMs;
    const evicted = slots.evictedFor !== undefined;
    return new RequestRefusal('LIMIT_EXCEEDED', limitMessage(limit, told), limit, way, told, evicted);
  }

  private wayOf(slots: RequestSlots | undefined, by: RefusalCause): Refusal {
    const { drain, pressure, limits } = this.options;
    const ofCause = by === 'drain' ? drain.refusal : by === 'pressure' ? pressure.refusal : undefined;
    return slots?.route.own.refusal ?? ofCause ?? limits.refusal ?? 'status';
  }
}

/** A store that can't answer is the broker's failure, whatever it says itself. */
function answered<T>(answer: Awaitable<T>): Awaitable<T> {
  if (!isPromise(answer)) {
    return answer;
  }
  return answer.catch((error: unknown) => {
    throw error instanceof SseError
      ? error
      : new SseError('BROKER_UNAVAILABLE', 'The limits could not be asked for.', { cause: error });
  });
}

/** Goes on at once where there is nothing to wait for. */
function andThen<T>(value: Awaitable<T>, goOn: (value: T) => Awaitable<void>): Awaitable<void> {
  return isPromise(value) ? value.then(goOn) : goOn(value);
}
