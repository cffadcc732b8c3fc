import { Hub } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import { BrokerAnswers } from '../broker-answers.js';
import { TicketGrantRules } from '../option-rules.js';
import { assertOptions } from '../option-validation.js';
import { ResolvedSseOptions } from '../sse.options.js';
import type { TicketClaims, TicketGrant } from './ticket-claims.js';
import { type OpenedTicket, TicketSeal } from './ticket-seal.js';

/** By how much the clocks of an application's nodes may differ. */
export const CLOCK_SKEW_MS = 10_000;

/**
 * One-time tickets for EventSource, which can send no headers: issued over a request that has shown who it comes from, and
 * good for opening one stream within seconds, on a route with `SseTicketGuard`.
 */
@Injectable()
export class SseTicketService {
  private readonly seal: TicketSeal;

  constructor(
    private readonly hub: Hub,
    private readonly options: ResolvedSseOptions,
    private readonly answers: BrokerAnswers,
  ) {
    this.seal = new TicketSeal(options.tickets.secret);
  }

  /**
   * Issues a ticket. It is signed, not encrypted: whoever has it can read what it says.
   *
   * @throws SseError `INVALID_OPTION` naming what can't be in a ticket, as a rejection
   */
  async issue(grant: TicketGrant): Promise<string> {
    assertOptions('SseTicketService.issue()', TicketGrantRules, grant);
    const { userId, channels, tenant, expiresAt } = grant;
    const end = expiresAt === undefined || Number(expiresAt) === Infinity ? undefined : Number(expiresAt);
    const now = this.hub.clock.now();
    const usableUntil = Math.min(now + this.options.tickets.ttlMs, end ?? Infinity);
    const claims: TicketClaims = {
      userId: String(userId),
      channels,
      tenant: tenant === undefined ? undefined : String(tenant),
      expiresAt: end,
    };
    return this.seal.seal(claims, now, usableUntil);
  }

  /**
   * Uses a ticket up.
   *
   * @returns what it says, and since when; `undefined` if it has been used, is too old, or is none
   * @throws SseError `BROKER_UNAVAILABLE` if it can't be known whether another node has taken it, `DRAINING` if the node
   * stops meanwhile
   * @internal
   */
  async redeem(ticket: string): Promise<OpenedTicket | undefined> {
    const now = this.hub.clock.now();
    const opened = await this.seal.open(ticket, now);
    // One that isn't ours is forgotten at once: it costs no memory, and no question to the broker.
    return opened && (await this.spend(opened, now)) ? opened : undefined;
  }

  private spend({ id, usableUntil }: OpenedTicket, now: number): Promise<boolean> {
    return this.answers.of(this.hub.oneTimeKeys.spend(id, usableUntil - now + CLOCK_SKEW_MS));
  }
}
