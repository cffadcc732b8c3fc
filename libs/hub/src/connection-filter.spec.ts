import { describe, expect, it } from '@jest/globals';
import { type ConnectionFilter, matches, selects } from './connection-filter.js';
import { openClient, setUpHub } from './spec-support/hub-fixture.js';

describe('a connection filter', () => {
  it('names something, or selects nothing', () => {
    expect([{}, { userId: undefined }].map(selects)).toEqual([false, false]);
    expect([{ userId: '' }, { connectionId: 'c' }, { channel: 'a' }].map(selects)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('matches what every field matches', async () => {
    const { hub } = setUpHub();
    const { connection } = await openClient(hub, ['a', 'b'], { userId: 'u' });
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
    ];
    expect(filters.map(([filter]) => matches(connection, filter))).toEqual(
      filters.map(([, expected]) => expected),
    );
  });

  it('takes nobody for a user', async () => {
    const { hub } = setUpHub();
    const { connection } = await openClient(hub, ['a']);
    expect(matches(connection, { userId: 'undefined' })).toBe(false);
  });
});
