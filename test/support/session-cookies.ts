import { createHmac } from 'node:crypto';

/** What a browser sends for a session that was signed with the secret, by cookie-session's own scheme. */
export function signedSession(secret: string, session: object, name = 'session'): string {
  const value = encoded(session);
  return `${name}=${value}; ${name}.sig=${signatureOf(secret, `${name}=${value}`)}`;
}

/** A session's value, without a signature. */
export const encoded = (session: object): string => Buffer.from(JSON.stringify(session)).toString('base64');

/** Keygrip's. */
const signatureOf = (secret: string, data: string): string =>
  createHmac('sha1', secret).update(data).digest('base64url');
