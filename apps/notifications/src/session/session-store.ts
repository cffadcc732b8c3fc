import { Injectable } from '@nestjs/common';

/** How long a session lasts; milliseconds. */
export const SESSION_MS = 7 * 24 * 60 * 60 * 1_000;

/** What a cookie says: who has signed in, and when, in milliseconds since the Unix epoch. */
export interface Session {
  readonly userId: string;
  readonly since: number;
}

/**
 * What the server knows of sessions beside their cookies: from when on each user's count. In memory, so one node alone
 * and until it restarts; its methods are asynchronous because a database belongs here.
 */
@Injectable()
export class SessionStore {
  /** When users have last signed out everywhere, the longest ago first. */
  private readonly endedAt = new Map<string, number>();

  async begin(userId: string): Promise<Session> {
    const ended = this.endedAt.get(userId) ?? 0;
    // Also in the very millisecond in which all were ended, a new one counts.
    return { userId, since: Math.max(Date.now(), ended + 1) };
  }

  async isCurrent({ userId, since }: Session): Promise<boolean> {
    return since > (this.endedAt.get(userId) ?? 0) && since > Date.now() - SESSION_MS;
  }

  /** Ends all sessions that the user has begun so far, wherever their cookies are. */
  async endAll(userId: string): Promise<void> {
    const now = Date.now();
    const last = this.endedAt.get(userId) ?? 0;
    this.endedAt.delete(userId);
    // Never before one that has begun ahead of the clock.
    this.endedAt.set(userId, Math.max(now, last + 1));
    this.forgetOldest(now);
  }

  /** Sessions from before have ended by their age. */
  private forgetOldest(now: number): void {
    for (const [userId, endedAt] of this.endedAt) {
      if (endedAt > now - SESSION_MS) {
        return;
      }
      this.endedAt.delete(userId);
    }
  }
}
