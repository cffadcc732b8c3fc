import { randomBytes } from 'node:crypto';

import { Logger } from '@nestjs/common';
import cookieSession from 'cookie-session';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

import { SESSION_MS } from './session.js';

/**
 * The session lives in a signed cookie, so every node that has the secret knows the user. Over TLS, which a trusted proxy may
 * tell of by X-Forwarded-Proto, it is `Secure`, and its name has the prefix `__Host-`: then no other host of the same domain can
 * set one here (RFC 6265bis, section 4.1.3.2). Browsers take neither over plain HTTP.
 */
export function sessionCookie(secret: string | undefined): RequestHandler {
  const keys = [secret ?? randomSecret()];
  const options = { keys, httpOnly: true, sameSite: 'lax', maxAge: SESSION_MS } as const;
  const overTls = cookieSession({ ...options, name: '__Host-session', secure: true });
  const plain = cookieSession({ ...options, name: 'session', secure: false });
  return (request: Request, response: Response, next: NextFunction) =>
    (request.secure ? overTls : plain)(request, response, next);
}

/** One for this process, or for whoever it gives it to. */
export function randomSecret(): string {
  new Logger('Session').warn(
    'SESSION_SECRET is not set: using a random one, so a restart signs everybody out.',
  );
  return randomBytes(32).toString('base64url');
}
