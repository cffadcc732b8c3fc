import { describe, expect, it } from '@jest/globals';
import { SseModule, SseTicketService, type TicketGrant } from '@nestcast/sse';
import { Test } from '@nestjs/testing';

describe('tickets', () => {
  it.each([
    [{}, 'userId must be a string that is not empty, or a number (got undefined)'],
    [{ userId: '' }, 'userId must be'],
    [{ userId: 'ann', channels: [] }, 'channels should not be empty'],
    [{ userId: 'ann', channels: 'news' }, 'channels must be an array'],
    [
      { userId: 'ann', channels: ['news', 'a\nb'] },
      'each value in channels must be a name that a channel may have',
    ],
    [{ userId: 'ann', tenant: {} }, 'tenant must be'],
    [{ userId: 'ann', expiresAt: Number.NaN }, 'expiresAt is no valid time'],
    [{ userId: 'ann', expiresAt: '2030-01-01' }, 'expiresAt must be a Date or milliseconds'],
    [{ userId: 'ann', expiresAt: 1_900_000_000 }, 'of a JWT, give exp * 1000'],
    [{ userId: 'ann', channel: 'news' }, 'channel is not an option'],
  ])('are not issued for %j', async (grant, complaint) => {
    const module = await Test.createTestingModule({ imports: [SseModule.forRoot()] }).compile();
    const tickets = module.get(SseTicketService);
    await expect(tickets.issue(grant as unknown as TicketGrant)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(complaint),
    });
    await module.close();
  });
});
