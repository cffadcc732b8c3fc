import { createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT, errors, jwtVerify } from 'jose';
import type { TicketClaims } from './ticket-claims.js';
import type { TicketOptions } from './ticket-options.js';

const PURPOSE = 'nestcast:sse-ticket';
/** [spec] RFC 8725 3.11: a type of its own, which no other token's check takes. */
const TYPE = 'sse-ticket+jwt';

/** A ticket whose signature is ours. */
export interface OpenedTicket {
  /** Its own, for it to be used once. */
  readonly id: string;
  /** Milliseconds since the Unix epoch, as the others. */
  readonly issuedAt: number;
  /** Until when it can be used; milliseconds since the Unix epoch. */
  readonly usableUntil: number;
  readonly claims: TicketClaims;
}

interface Key {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/**
 * Signs tickets and tells which are ours. [spec] RFC 7519 with HS256, for an audience of its own. The key is derived from
 * the secret, for this purpose only: whatever else an application signs with the same secret is no ticket, and a ticket is
 * nothing else.
 */
export class TicketSeal {
  private readonly keys: readonly Key[];

  constructor(secret: TicketOptions['secret']) {
    this.keys = [secret ?? randomBytes(32)].flat().map(derive);
  }

  /** @param now milliseconds since the Unix epoch, as `usableUntil` and the claims' times */
  seal(claims: TicketClaims, now: number, usableUntil: number): Promise<string> {
    const [key] = this.keys as readonly [Key];
    const { userId, channels, tenant, expiresAt } = claims;
    return new SignJWT({ channels, tenant, end: expiresAt, exp: usableUntil / 1_000 })
      .setProtectedHeader({ alg: 'HS256', typ: TYPE, kid: key.id })
      .setAudience(PURPOSE)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt(now / 1_000)
      .sign(key.bytes);
  }

  /**
   * @param now milliseconds since the Unix epoch
   * @returns `undefined` if it is none of ours, or too old
   */
  async open(ticket: string, now: number): Promise<OpenedTicket | undefined> {
    try {
      const { payload } = await jwtVerify(ticket, ({ kid }) => this.keyOf(kid), {
        algorithms: ['HS256'],
        typ: TYPE,
        audience: PURPOSE,
        requiredClaims: ['exp', 'iat', 'jti', 'sub'],
        currentDate: new Date(now),
      });
      const opened = openedOf(payload);
      // The standard's times are whole seconds to the one who checks them.
      return opened.usableUntil > now ? opened : undefined;
    } catch (error) {
      // Why is nobody's business: the error has parts of the ticket, and an attacker would learn from it.
      if (error instanceof errors.JOSEError) {
        return undefined;
      }
      throw error;
    }
  }

  private keyOf(id: string | undefined): Uint8Array {
    const key = this.keys.find((each) => each.id === id);
    if (!key) {
      throw new errors.JWKSNoMatchingKey();
    }
    return key.bytes;
  }
}

function derive(secret: string | Buffer): Key {
  const bytes = new Uint8Array(hkdfSync('sha256', secret, '', PURPOSE, 32));
  return { id: createHash('sha256').update(bytes).digest('base64url').slice(0, 8), bytes };
}

/** What {@link TicketSeal.seal} has written: nobody else has the key. */
function openedOf(payload: JWTPayload): OpenedTicket {
  const { sub, jti, iat, exp, channels, tenant, end } = payload as Required<JWTPayload> & {
    readonly channels?: readonly string[];
    readonly tenant?: string;
    readonly end?: number;
  };
  return {
    id: jti,
    issuedAt: iat * 1_000,
    usableUntil: exp * 1_000,
    claims: { userId: sub, channels, tenant, expiresAt: end },
  };
}
