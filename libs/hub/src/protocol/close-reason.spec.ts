import { describe, expect, it } from '@jest/globals';
import { caught } from '../spec-support/caught.js';
import { openClient, setUpHub } from '../spec-support/hub-fixture.js';
import type { ServerCloseReason } from './control-event.js';

describe('a reason to close', () => {
  it.each(['client', 'error', 'expired', 'kicked', '', null, 1])(
    'of disconnect() is one of two, not %p',
    async (reason) => {
      const { hub } = setUpHub();
      const { connection } = await openClient(hub, ['a'], { userId: 'u' });
      const { code, message } = await caught(() => hub.disconnect({ userId: 'u' }, reason as 'server'));
      expect([code, message]).toEqual([
        'INVALID_OPTION',
        expect.stringContaining('reasons server, revoked; got'),
      ]);
      expect(connection.closed).toBe(false);
    },
  );

  it.each(['client', 'answered', 'error', 'kicked'])(
    "of close() is one of the server's, not %p",
    async (reason) => {
      const { hub } = setUpHub();
      const { connection } = await openClient(hub, ['a']);
      const { code, message } = await caught(() => connection.close(reason as ServerCloseReason));
      expect([code, message]).toEqual(['INVALID_OPTION', expect.stringContaining(`got '${reason}'`)]);
      expect(connection.closed).toBe(false);
      connection.close('complete');
      expect(connection.closeReason).toBe('complete');
    },
  );
});
