import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SignJWT, jwtVerify } from 'jose';
import type { TicketClaims } from './ticket-claims.js';
import { TicketSeal } from './ticket-seal.js';

const NOW = Date.UTC(2026, 0, 1) + 250;
const UNTIL = NOW + 30_000;
const SECRET = 'a secret of thirty-two bytes, or more';
const OTHER = 'another one that has as many bytes, too';
const claims: TicketClaims = { userId: 'ann', channels: ['a', 'b'], tenant: 't', expiresAt: NOW + 60_000 };

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const parts = (ticket: string): [string, string, string] => ticket.split('.') as [string, string, string];
const decoded = (part: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

describe('a sealed ticket', () => {
  it('says what it was given, until its time is over, to the millisecond', async () => {
    const seal = new TicketSeal(SECRET);
    const ticket = await seal.seal(claims, NOW, UNTIL);
    const opened = await seal.open(ticket, NOW);
    expect(opened).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      issuedAt: NOW,
      usableUntil: UNTIL,
      claims,
    });
    expect(await seal.open(ticket, UNTIL - 1)).toEqual(opened);
    expect(await seal.open(ticket, UNTIL)).toBeUndefined();
    expect(await seal.open(ticket, UNTIL + 60_000)).toBeUndefined();
    const least: TicketClaims = { userId: '7', channels: undefined, tenant: undefined, expiresAt: undefined };
    const other = await seal.open(await seal.seal(least, NOW, UNTIL), NOW);
    expect(other?.claims).toEqual(least);
    expect(other?.id).not.toBe(opened?.id);
  });

  it('is opened with any of the secrets, and signed with the first', async () => {
    const old = await new TicketSeal(OTHER).seal(claims, NOW, UNTIL);
    const rotating = new TicketSeal([SECRET, OTHER]);
    expect(await rotating.open(old, NOW)).toMatchObject({ claims });
    const fresh = await rotating.seal(claims, NOW, UNTIL);
    expect(await new TicketSeal([SECRET]).open(fresh, NOW)).toMatchObject({ claims });
    expect(await new TicketSeal(OTHER).open(fresh, NOW)).toBeUndefined();
  });

  it("is one process's own without a secret", async () => {
    const [one, other] = [new TicketSeal(undefined), new TicketSeal(undefined)];
    const ticket = await one.seal(claims, NOW, UNTIL);
    expect(await one.open(ticket, NOW)).toBeDefined();
    expect(await other.open(ticket, NOW)).toBeUndefined();
  });

  it('is none where a bit of it is another', async () => {
    const seal = new TicketSeal(SECRET);
    const [header, payload, signature] = parts(await seal.seal(claims, NOW, UNTIL));
    const forged = [
      `${header}.${encoded({ ...decoded(payload), sub: 'bob' })}.${signature}`,
      `${header}.${encoded({ ...decoded(payload), exp: UNTIL })}.${signature}`,
      `${encoded({ ...decoded(header), alg: 'none' })}.${payload}.`,
      `${encoded({ ...decoded(header), kid: 'other' })}.${payload}.${signature}`,
      `${encoded({ ...decoded(header), kid: undefined })}.${payload}.${signature}`,
      `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      `${header}.${payload}`,
      '',
      '.',
      '..',
      'null',
      'x'.repeat(8_000),
    ];
    for (const ticket of forged) {
      expect([ticket, await seal.open(ticket, NOW)]).toEqual([ticket, undefined]);
    }
  });

  it('is no other token of the same secret, and no other token is a ticket', async () => {
    const seal = new TicketSeal(SECRET);
    const ticket = await seal.seal(claims, NOW, UNTIL);
    await expect(
      jwtVerify(ticket, Buffer.from(SECRET), { currentDate: new Date(NOW) }),
    ).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    });
    const [header, payload] = parts(ticket);
    const session = createHmac('sha256', SECRET).update(`${header}.${payload}`).digest('base64url');
    expect(await seal.open(`${header}.${payload}.${session}`, NOW)).toBeUndefined();
  });

  it('is for an audience of its own, has a type of its own, and says all that it must', async () => {
    const seal = new TicketSeal(SECRET);
    const [header, payload] = parts(await seal.seal(claims, NOW, UNTIL))
      .slice(0, 2)
      .map(decoded) as [Record<string, string>, Record<string, unknown>];
    const key = new Uint8Array(hkdfSync('sha256', SECRET, '', 'nestcast:sse-ticket', 32));
    const signed = (head: object, body: object): Promise<string> =>
      new SignJWT({ ...payload, ...body }).setProtectedHeader({ ...header, alg: 'HS256', ...head }).sign(key);
    expect(await seal.open(await signed({}, {}), NOW)).toMatchObject({ claims });
    for (const [head, body] of [
      [{ typ: 'JWT' }, {}],
      [{}, { aud: 'sessions' }],
      [{}, { exp: undefined }],
      [{}, { jti: undefined }],
      [{}, { sub: undefined }],
    ] as [object, object][]) {
      expect([head, body, await seal.open(await signed(head, body), NOW)]).toEqual([head, body, undefined]);
    }
  });
});
