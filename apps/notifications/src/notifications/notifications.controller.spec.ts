import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, SseModule } from '@nestcast/sse';
import { Test, type TestingModule } from '@nestjs/testing';

import { ServingNodeModule } from '../serving-node/serving-node.module.js';
import { SessionStore } from '../session/session-store.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsModule } from './notifications.module.js';

describe('NotificationsController', () => {
  let module: TestingModule;
  beforeEach(async () => {
    module = await Test.createTestingModule({
      imports: [SseModule.forRoot(), ServingNodeModule.of(undefined), NotificationsModule],
    }).compile();
  });
  afterEach(() => module.close());

  it('opens no stream for a session that has ended since its guard let it through', async () => {
    const sessions = module.get(SessionStore);
    const controller = module.get(NotificationsController);
    const connection = {} as Connection;
    const session = await sessions.begin('ada');
    await sessions.endAll('ada');
    await expect(controller.stream(session, {}, connection)).rejects.toThrow('Sign in first.');
    expect(await controller.stream(await sessions.begin('ada'), {}, connection)).toEqual([
      'user/ada',
      'announcements',
    ]);
  });
});
