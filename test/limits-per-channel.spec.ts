import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel } from '@nestcast/sse';
import { Controller, Param, UseGuards } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';
import { UserGuard, as } from './support/user.guard.js';

@Controller()
class RoomsController {
  @SseChannel('rooms/:id/:own')
  @UseGuards(UserGuard)
  room(@Param('id') id: string, @Param('own') own: string): string[] {
    return [`room/${id}`, `own/${own}`];
  }
}

describe.each(adapters)('[L1] perChannel on %s', (adapter) => {
  let app: TestApp;

  afterEach(() => app.close());

  it('counts who is in the channel, not who has been taken out of it', async () => {
    app = await startApp(adapter, { controllers: [RoomsController], sse: { limits: { perChannel: 1 } } });
    expect((await app.open('/rooms/1/ann', as('ann'))).status).toBe(200);
    expect((await app.open('/rooms/1/bob', as('bob'))).status).toBe(429);
    expect(await app.channels.unsubscribe({ channel: 'room/1' }, 'room/1')).toBe(1);
    expect((await app.open('/rooms/1/bob', as('bob'))).status).toBe(200);
    expect((await app.open('/rooms/2/ann', as('eve'))).status).toBe(429);
  });

  it('holds nothing of a request that one of its channels has refused', async () => {
    app = await startApp(adapter, { controllers: [RoomsController], sse: { limits: { perChannel: 1 } } });
    const ann = await app.open('/rooms/1/ann', as('ann'));
    expect(ann.status).toBe(200);
    expect((await app.open('/rooms/2/ann', as('eve'))).status).toBe(429);
    expect((await app.open('/rooms/2/bob', as('bob'))).status).toBe(200);
  });
});
