import { BadRequestException, type Type, ValidationPipe } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';

import { CreateNotificationDto } from './create-notification.dto.js';
import { InboxQueryDto } from './inbox-query.dto.js';
import { MarkReadDto } from './mark-read.dto.js';

// As create-app.ts has it.
const pipe = new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true });

const accept = <T>(type: Type<T>, value: object): Promise<T> =>
  pipe.transform(value, { type: 'body', metatype: type }) as Promise<T>;

async function refuse(type: Type, value: object): Promise<string[]> {
  try {
    await accept(type, value);
  } catch (error) {
    if (error instanceof BadRequestException) {
      return (error.getResponse() as { message: string[] }).message;
    }
    throw error;
  }
  throw new Error(`It was accepted: ${JSON.stringify(value)}`);
}

describe('the body of POST /notifications', () => {
  const draft = { recipient: 'ada', title: 'Hello', body: 'World', level: 'info' };

  it('is trimmed, and needs no body', async () => {
    const { body: _, ...rest } = draft;
    expect(await accept(CreateNotificationDto, { ...rest, title: '  Hello\n' })).toEqual({
      ...draft,
      body: '',
    });
  });

  it.each([
    ['recipient', ''],
    ['recipient', 'a b'],
    ['recipient', '**'],
    ['recipient', 'a'.repeat(65)],
    ['recipient', ['ada']],
    ['title', ' '],
    ['title', 'a'.repeat(121)],
    ['title', 'a\0b'],
    ['title', '\ud800'],
    ['title', 7],
    ['body', 'a'.repeat(2_001)],
    ['body', 'a\0b'],
    ['body', '\udfff'],
    ['body', null],
    ['level', 'loud'],
    ['sender', 'grace'],
  ])('is refused with the %s %j', async (property, value) => {
    const messages = await refuse(CreateNotificationDto, { ...draft, [property]: value });
    expect(messages.join()).toContain(property);
  });
});

describe('the body of POST /notifications/read', () => {
  it.each([
    [{ ids: [1, 2] }],
    [{ upTo: 2 }],
    [{ ids: [1], upTo: 2 }],
    [{ ids: Array.from({ length: 500 }, (_, at) => at + 1) }],
  ])('may be %j', async (value) => {
    expect(await accept(MarkReadDto, value)).toEqual(value);
  });

  it.each([
    [{}],
    [{ ids: [] }],
    [{ ids: [0] }],
    [{ ids: ['1'] }],
    [{ ids: [1e300] }],
    [{ ids: 7 }],
    [{ ids: null }],
    [{ ids: Array.from({ length: 501 }, (_, at) => at + 1) }],
    [{ upTo: 0 }],
    [{ upTo: 1.5 }],
    [{ upTo: 1e300 }],
    [{ upTo: null }],
    [{ ids: 'all', upTo: 'all' }],
    [{ ids: [1], upTo: 'all' }],
    [{ ids: 'all', upTo: 1 }],
    [{ ids: [1], upTo: null }],
  ])('is refused as %j', async (value) => {
    expect(await refuse(MarkReadDto, value)).not.toHaveLength(0);
  });
});

describe('the query of GET /notifications', () => {
  it('asks for 20 unless it says otherwise', async () => {
    expect(await accept(InboxQueryDto, {})).toEqual({ limit: 20 });
    expect(await accept(InboxQueryDto, { before: '7', limit: '100' })).toEqual({ before: 7, limit: 100 });
  });

  it.each([
    { limit: '0' },
    { limit: '101' },
    { limit: 'x' },
    { before: '0' },
    { before: '1e300' },
    { before: 'x' },
  ])('is refused as %j', async (value) => {
    expect(await refuse(InboxQueryDto, value)).not.toHaveLength(0);
  });
});
