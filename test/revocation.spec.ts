import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseTicket, SseTicketGuard, SseTicketService, type TicketClaims } from '@nestcast/sse';
import type { SseStream } from '@nestcast/testing';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  Post,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import request from 'supertest';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

/** Who is signed in: the user of each session. */
const sessions = new Map<string, string>();

interface SessionRequest {
  readonly headers: { readonly authorization?: string };
  user?: { readonly id: string };
}

@Injectable()
class SessionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const incoming = context.switchToHttp().getRequest<SessionRequest>();
    const id = sessions.get(incoming.headers.authorization ?? '');
    if (id === undefined) {
      throw new UnauthorizedException();
    }
    incoming.user = { id };
    return true;
  }
}

@Controller()
class StreamController {
  constructor(private readonly tickets: SseTicketService) {}

  @SseChannel('by-session')
  @UseGuards(SessionGuard)
  bySession(@Req() { user }: SessionRequest) {
    return `user/${user?.id}`;
  }

  @Post('tickets')
  @UseGuards(SessionGuard)
  async issue(@Req() { user }: SessionRequest) {
    return { ticket: await this.tickets.issue({ userId: user?.id ?? '' }) };
  }

  @SseChannel('by-ticket')
  @UseGuards(SseTicketGuard)
  byTicket(@SseTicket() { userId }: TicketClaims) {
    return `user/${userId}`;
  }
}

const session = (id: string) => ({ authorization: id });

describe.each(adapters)('a user who is signed out, on %s', (adapter) => {
  let app: TestApp;
  beforeEach(async () => {
    sessions.clear();
    sessions.set('s1', 'ann').set('s2', 'bob');
    app = await startApp(adapter, { controllers: [StreamController] });
  });
  afterEach(() => app.close());

  const bySession = (id: string, lastEventId = ''): Promise<SseStream> =>
    app.open('/by-session', { headers: session(id), lastEventId });

  async function ticketOf(id: string): Promise<string> {
    const { body } = await request(app.url).post('/tickets').set(session(id)).expect(201);
    return (body as { ticket: string }).ticket;
  }

  /** Reads an event, signs the user out, and holds the end of the stream against a second at most. */
  async function revoke(stream: SseStream): Promise<string> {
    await stream.connectionId();
    await app.channels.publish('user/ann', { data: 'for ann' });
    const { id } = await stream.next();
    const at = performance.now();
    sessions.delete('s1');
    expect(await app.channels.disconnect({ userId: 'ann' }, 'revoked')).toBeGreaterThan(0);
    expect(await stream.control('sse:goodbye')).toEqual({ reason: 'revoked' });
    expect(await stream.ended).toBe('end');
    expect(performance.now() - at).toBeLessThan(1_000);
    await app.channels.publish('user/ann', { data: 'after it' });
    return id;
  }

  it('loses every stream within a second, and resumes only when signed in again', async () => {
    const bob = await bySession('s2');
    await bob.connectionId();
    const stream = await bySession('s1');
    const id = await revoke(stream);
    expect(stream.received.some(({ data }) => data === 'after it')).toBe(false);
    for (const again of [await bySession('s1', id), await app.open(`/by-session?lastEventId=${id}`)]) {
      expect(again.status).toBe(401);
      expect(await again.body()).not.toContain('after it');
    }
    await app.channels.publish('user/bob', { data: 'for bob' });
    expect(await bob.next()).toMatchObject({ data: 'for bob' });
    sessions.set('s3', 'ann');
    expect(await (await bySession('s3', id)).next()).toMatchObject({ data: 'after it' });
  });

  it('gets in with no ticket of before that has not been used, but with one of after', async () => {
    const [unused, foreign] = [await ticketOf('s1'), await ticketOf('s2')];
    await revoke(await bySession('s1'));
    const refused = await app.open(`/by-ticket?ticket=${unused}`);
    expect([refused.status, app.channels.stats().connections]).toEqual([403, 0]);
    expect((await app.open(`/by-ticket?ticket=${foreign}`)).status).toBe(200);
    sessions.set('s3', 'ann');
    expect((await app.open(`/by-ticket?ticket=${await ticketOf('s3')}`)).status).toBe(200);
    expect((await bySession('s3')).status).toBe(200);
  });

  it('loses those of tickets as well, and gets no other ticket', async () => {
    const ticket = await ticketOf('s1');
    const stream = await app.open(`/by-ticket?ticket=${ticket}`);
    const id = await revoke(stream);
    // A native EventSource comes back to the same URL, with the header.
    const again = await app.open(`/by-ticket?ticket=${ticket}`, { lastEventId: id });
    expect(again.status).toBe(401);
    expect((await app.open(`/by-ticket?lastEventId=${id}`)).status).toBe(401);
    await request(app.url).post('/tickets').set(session('s1')).expect(401);
    sessions.set('s3', 'ann');
    const back = await app.open(`/by-ticket?ticket=${await ticketOf('s3')}&lastEventId=${id}`);
    expect(await back.next()).toMatchObject({ data: 'after it' });
  });
});
