import { randomUUID } from 'node:crypto';

import { SseChannelRegistry } from '@nestcast/sse';
import { Injectable } from '@nestjs/common';

/** How long a session lasts; milliseconds. */
export const SESSION_MS = 7 * 24 * 60 * 60 * 1_000;

/** What a cookie says. */
export interface Session {
  readonly userId: string;
  /** When the user has signed in, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** The last end of all sessions that the user knew then; empty: there had been none. */
  readonly lastEnd: string;
}

/** The data of the event `session.ended-everywhere`. */
interface End {
  readonly id: string;
}

/**
 * What the server knows of sessions beside their cookies: which end of all of a user's sessions was the last. It is an event
 * in the log, so that all nodes know it at once, whatever their clocks say, for as long as the log keeps it.
 */
@Injectable()
export class SessionStore {
  constructor(private readonly channels: SseChannelRegistry) {}

  /** @throws SseError `BROKER_UNAVAILABLE`, as a rejection */
  async begin(userId: string): Promise<Session> {
    return { userId, since: Date.now(), lastEnd: (await this.lastEndOf(userId)) ?? '' };
  }

  /** @throws SseError `BROKER_UNAVAILABLE`, as a rejection */
  async isCurrent({ userId, since, lastEnd }: Session): Promise<boolean> {
    // First what costs nothing to ask.
    if (since <= Date.now() - SESSION_MS) {
      return false;
    }
    const ended = await this.lastEndOf(userId);
    return ended === undefined || ended === lastEnd;
  }

  /**
   * Ends all sessions that the user has begun so far, wherever their cookies are.
   *
   * @throws SseError `BROKER_UNAVAILABLE`, as a rejection
   */
  async endAll(userId: string): Promise<void> {
    const data: End = { id: randomUUID() };
    await this.channels.publish(channelOf(userId), { type: 'session.ended-everywhere', data });
  }

  private async lastEndOf(userId: string): Promise<string | undefined> {
    const [end] = await this.channels.history(channelOf(userId), 1);
    return (end?.data as End | undefined)?.id;
  }
}

/** No client is ever subscribed to it. */
const channelOf = (userId: string): string => `session/${userId}`;
