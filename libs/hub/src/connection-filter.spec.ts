import { describe, expect, it } from '@jest/globals';
import { type ConnectionFilter, assertFilter, matches } from './connection-filter.js';
import { caught } from './spec-support/caught.js';
import { openClient, setUpHub } from './spec-support/hub-fixture.js';

describe('a connection filter', () => {
  it('names something', async () => {
    for (const filter of [{}, { userId: undefined }, { tenant: undefined, channel: undefined }]) {
      const { code, message } = await caught(() => assertFilter(filter));
      expect([code, message]).toEqual(['INVALID_OPTION', expect.stringContaining('would match all')]);
    }
    for (const filter of [
      { userId: 7 },
      { connectionId: 'c' },
      { channel: 'a' },
      { tenant: 't' },
      { tenant: 0 },
    ]) {
      expect(() => assertFilter(filter)).not.toThrow();
    }
  });

  it.each([
    [{ user: 'u' }, 'user is no field of it'],
    [{ userId: '' }, "userId must be a string that is not empty, or a number (got '')"],
    [{ userId: Number.NaN, channel: '' }, 'userId must be a string that is not empty, or a number (got NaN)'],
    [{ userId: 'u', channel: '' }, "channel must be a string that is not empty (got '')"],
    [{ connectionId: 7 }, 'connectionId must be a string that is not empty (got 7)'],
    [{ tenant: null }, 'tenant must be a string that is not empty, or a number (got null)'],
    [{ userId: { id: 'u' } }, 'userId must be'],
  ])('refuses %j by name', async (filter, complaint) => {
    const { code, message } = await caught(() => assertFilter(filter as unknown as ConnectionFilter));
    expect([code, message]).toEqual(['INVALID_OPTION', expect.stringContaining(complaint)]);
  });

  it('matches what every field matches', async () => {
    const { hub } = setUpHub();
    const { connection } = await openClient(hub, ['a', 'b'], { userId: 'u', tenant: 't' });
    const { id } = connection;
    const filters: [ConnectionFilter, boolean][] = [
      [{ userId: 'u' }, true],
      [{ userId: 'U' }, false],
      [{ connectionId: id }, true],
      [{ channel: 'b' }, true],
      [{ channel: 'c' }, false],
      [{ userId: 'u', channel: 'a', connectionId: id }, true],
      [{ userId: 'u', channel: 'c' }, false],
      [{ userId: 'v', channel: 'a' }, false],
      [{ tenant: 't' }, true],
      [{ tenant: 't', userId: 'v' }, false],
      [{ tenant: 7 }, false],
    ];
    expect(filters.map(([filter]) => matches(connection, filter))).toEqual(
      filters.map(([, expected]) => expected),
    );
  });

  it('takes nobody for a user', async () => {
    const { hub } = setUpHub();
    const { connection } = await openClient(hub, ['a']);
    expect(matches(connection, { userId: 'undefined' })).toBe(false);
    expect(matches(connection, { tenant: 'undefined' })).toBe(false);
  });
});
