import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseConnectionLimit, SseTicketGuard, SseTicketService } from '@nestcast/sse';
import type { SseStream } from '@nestcast/testing';
import { Controller, UseGuards } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

@Controller()
class StreamController {
  // Nest runs the guards of the lower decorator first.
  @SseChannel('ticket-first')
  @SseConnectionLimit({ perUser: 1, policy: 'evict-oldest', refusal: 'stream' })
  @UseGuards(SseTicketGuard)
  ticketFirst() {
    return 'news';
  }

  @SseChannel('limit-first')
  @UseGuards(SseTicketGuard)
  @SseConnectionLimit({ perUser: 1, policy: 'evict-oldest', refusal: 'stream' })
  limitFirst() {
    return 'news';
  }
}

describe.each(adapters)('evict-oldest and tickets on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  /** As a page does it, which can't send a header. */
  async function open(path: string, lastEventId = ''): Promise<SseStream> {
    const ticket = await app.app.get(SseTicketService).issue({ userId: 'ann' });
    return app.open(`${path}?${new URLSearchParams({ ticket, lastEventId }).toString()}`);
  }

  it.each(['/ticket-first', '/limit-first'])(
    'do not have the tabs of %s push each other out for ever',
    async (path) => {
      app = await startApp(adapter, { controllers: [StreamController] });
      const first = await open(path);
      await first.connectionId();
      const second = await open(path);
      await second.connectionId();
      expect(await first.control('sse:goodbye')).toEqual({ reason: 'server', limit: 'perUser' });
      // With the place of its last event, or, where it has had none, with what says only that it has been here.
      for (const id of [first.lastEventId, 'sse:return']) {
        const back = await open(path, id);
        expect(await back.control('sse:goodbye')).toMatchObject({ reason: 'server', limit: 'perUser' });
        expect(await back.ended).toBe('end');
      }
      await app.channels.publish('news', { data: 'still here' });
      expect(await second.next()).toMatchObject({ data: 'still here' });
      // The newest tab has it.
      await (await open(path)).connectionId();
      expect(await second.control('sse:goodbye')).toEqual({ reason: 'server', limit: 'perUser' });
    },
  );
});
