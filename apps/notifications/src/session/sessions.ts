import { Injectable } from '@nestjs/common';
import type { Request } from 'express';

import { Accounts } from '../accounts/accounts.js';
import { SESSION_MS, type Session, type User } from './session.js';

/** Who a request is from. The cookie is signed, but only the account knows which of its sessions still count. */
@Injectable()
export class Sessions {
  constructor(private readonly accounts: Accounts) {}

  /** @returns `undefined` where there is no such account, or it has another password */
  async begin(request: Request, userId: string, password: string): Promise<User | undefined> {
    const account = await this.accounts.authenticate(userId, password);
    if (account === undefined) {
      return undefined;
    }
    const { sessionEpoch, ...rest } = account;
    const session: Session = { userId: rest.id, epoch: sessionEpoch, since: Date.now() };
    request.session = session;
    return { ...rest, session };
  }

  /** @returns `undefined` where nobody is signed in, or the session has ended */
  async userOf(request: Request): Promise<User | undefined> {
    const session = sessionOf(request);
    // First what costs nothing to ask.
    if (session === undefined || session.since <= Date.now() - SESSION_MS) {
      return undefined;
    }
    const account = await this.accounts.find(session.userId);
    if (account === undefined || account.sessionEpoch !== session.epoch) {
      return undefined;
    }
    const { sessionEpoch: _, ...rest } = account;
    return { ...rest, session };
  }
}

function sessionOf(request: Request): Session | undefined {
  const { userId, epoch, since } = (request.session ?? {}) as Record<keyof Session, unknown>;
  return typeof userId === 'string' && typeof epoch === 'number' && typeof since === 'number'
    ? { userId, epoch, since }
    : undefined;
}
