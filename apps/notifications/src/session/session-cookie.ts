import { randomBytes } from 'node:crypto';

import { Logger } from '@nestjs/common';
import cookieSession from 'cookie-session';
import type { RequestHandler } from 'express';

import { SESSION_MS } from './session.js';

/** The session lives in a signed cookie, so every node that has the secret knows the user. */
export function sessionCookie(secret: string | undefined): RequestHandler {
  return cookieSession({
    name: 'session',
    keys: [secret ?? randomSecret()],
    httpOnly: true,
    sameSite: 'lax',
    maxAge: SESSION_MS,
  });
}

/** One for this process, or for whoever it gives it to. */
export function randomSecret(): string {
  new Logger('Session').warn(
    'SESSION_SECRET is not set: using a random one, so a restart signs everybody out.',
  );
  return randomBytes(32).toString('base64url');
}
