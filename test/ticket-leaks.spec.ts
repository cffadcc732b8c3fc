import { afterEach, describe, expect, it } from '@jest/globals';
import {
  SseChannel,
  type SseEvent,
  SseTicket,
  SseTicketGuard,
  SseTicketService,
  type TicketClaims,
  type TicketGrant,
  type BrokerFactory,
  memoryBroker,
} from '@nestcast/sse';
import { ManualClock, openSse } from '@nestcast/testing';
import { ConsoleLogger, Controller, Get, UseGuards } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller()
@UseGuards(SseTicketGuard)
class StreamController {
  @SseChannel('stream')
  stream() {
    return 'news';
  }

  @SseChannel('throws')
  throws(@SseTicket() ticket: TicketClaims): string {
    throw new Error(`the handler failed for ${JSON.stringify(ticket)}`);
  }

  @SseChannel('wrong-result')
  wrongResult(@SseTicket() ticket: TicketClaims) {
    return { ticket };
  }

  @SseChannel('private-error')
  privateError(): Observable<SseEvent> {
    return throwError(() => new Error('the source failed'));
  }

  @Get('account')
  account() {
    return 'secret';
  }
}

/** Has every line of every level, as it would be printed. */
class LineRecorder extends ConsoleLogger {
  readonly lines: string[] = [];

  constructor() {
    super({ colors: false, logLevels: ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] });
  }

  protected override printMessages(messages: unknown[], ...rest: unknown[]): void {
    this.lines.push(
      ...messages.map((message) => this.stringifyMessage(message, 'log')),
      JSON.stringify(rest),
    );
  }

  protected override printStackTrace(stack: string): void {
    this.lines.push(stack);
  }
}

describe.each(adapters)('[L4] a ticket on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  it('is in no line of the log and in no answer, whatever becomes of it', async () => {
    const log = new LineRecorder();
    const clock = new ManualClock();
    let brokerFails = false;
    const spent = new Set<string>();
    const broker: BrokerFactory = (context) =>
      Object.assign(memoryBroker()(context), {
        spendOnce: async (key: string) => {
          if (brokerFails) {
            throw new Error('connection lost');
          }
          const isNew = !spent.has(key);
          spent.add(key);
          return isNew;
        },
      });
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { broker },
      clock,
      configure: (nest) => nest.useLogger(log),
    });
    const tickets = app.app.get(SseTicketService);
    const issued: string[] = [];
    const answers: string[] = [];
    const statuses: number[] = [];

    const issue = async (grant: Partial<TicketGrant> = {}): Promise<string> => {
      const ticket = await tickets.issue({ userId: 'ann', ...grant });
      issued.push(ticket);
      return ticket;
    };
    const visit = async (path: string, ticket: string): Promise<void> => {
      const stream = await openSse(`${app.url}${path}?ticket=${ticket}`);
      statuses.push(stream.status);
      await (stream.status === 200 ? stream.connectionId() : stream.ended);
      await stream.abort();
      answers.push(JSON.stringify(stream.rawHeaders), stream.rawBytes().toString());
    };

    const used = await issue();
    await visit('/stream', used);
    await visit('/stream', used);
    const [header, payload, signature = ''] = (await issue()).split('.');
    await visit('/stream', `${header}.${payload}.${signature.split('').toReversed().join('')}`);
    await visit('/account', await issue());
    await visit('/throws', await issue());
    await visit('/wrong-result', await issue());
    await visit('/private-error', await issue());
    await visit('/stream', await issue({ channels: ['other'] }));
    const expired = await issue();
    clock.advance(60_000);
    await visit('/stream', expired);
    brokerFails = true;
    await visit('/stream', await issue());
    expect(statuses).toEqual([200, 401, 401, 401, 500, 500, 500, 403, 401, 503]);

    // What the handler itself writes is in the log: it is recorded.
    expect(log.lines.join('\n')).toContain('the handler failed for {"userId":"ann"');
    const said = [...log.lines, ...answers].join('\n');
    expect(issued).toHaveLength(9);
    for (const ticket of issued) {
      for (const part of [ticket, ...ticket.split('.').slice(1)]) {
        expect(said).not.toContain(part);
        expect(said).not.toContain(part.split('').toReversed().join(''));
      }
    }
  });
});
