import { describe, expect, it } from '@jest/globals';
import type { OverflowPolicy } from '../hub-options.js';
import { type Client, quiet, request, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { caught } from '../spec-support/caught.js';
import { controlsOf, readStream } from '../spec-support/stream-text.js';
import type { PrivateStream } from './private-stream.js';

interface PrivateClient extends Client {
  readonly stream: PrivateStream;
}

/** A private stream whose client has stopped reading, with more on its way than may wait. */
function lagging(policy: OverflowPolicy): PrivateClient {
  const { hub } = setUpHub();
  const client = request(hub);
  const stream = hub.openPrivate(client.connection);
  stream.begin({ ...quiet, overflow: { maxBufferedBytes: 1_000, policy, stallMs: 0 } });
  client.transport.stall();
  stream.send({ data: 'x'.repeat(1_100) });
  return Object.assign(client, { stream });
}

const LONG = 'y'.repeat(298);

describe('a private stream whose source does not wait', () => {
  it.each(['catch-up', 'disconnect'] as const)('is closed: %s', (policy) => {
    const { stream, connection } = lagging(policy);
    expect(connection.closed).toBe(false);
    stream.send({ data: 'too much' });
    expect(connection.closeReason).toBe('overflow');
  });

  it('loses the oldest, is told so, and goes on', async () => {
    const { stream, connection, transport } = lagging('drop-oldest');
    const held = transport.bufferedBytes;
    for (let n = 0; n < 100; n += 1) {
      stream.send({ data: `${n} ${LONG}`, id: String(n) });
    }
    expect([connection.state, transport.bufferedBytes]).toEqual(['lagging', held]);
    transport.resume();
    await settled();
    expect(connection.state).toBe('live');
    stream.send({ data: 'live' });
    const { events } = readStream(transport.text);
    expect(events.slice(-4).map(({ data }) => data)).toEqual([
      ...[97, 98, 99].map((n) => `${n} ${LONG}`),
      'live',
    ]);
    expect(events.at(-2)?.id).toBe('99');
    expect(controlsOf(transport.text, 'sse:gap')).toEqual([{ reason: 'overflow', channels: [], id: '' }]);
    expect(connection.messages).toBe(1 + 3 + 1);
  });

  it('loses nothing and tells no gap if all of it fits', async () => {
    const client = lagging('drop-oldest');
    client.stream.send({ data: '1' });
    client.stream.send({ data: '2' });
    client.transport.resume();
    await settled();
    expect(client.data.slice(1)).toEqual(['1', '2']);
    expect(controlsOf(client.transport.text, 'sse:gap')).toEqual([]);
  });

  it('keeps the newest of each key', async () => {
    const client = lagging('conflate');
    for (let n = 0; n < 100; n += 1) {
      client.stream.send({ data: `${n} ${LONG}`, key: n % 2 ? 'odd' : 'even' });
    }
    client.stream.send({ data: 'no key' });
    client.transport.resume();
    await settled();
    expect(client.data.slice(1)).toEqual([`98 ${LONG}`, `99 ${LONG}`, 'no key']);
  });

  it('is closed where conflation leaves more than may wait', () => {
    const { stream, connection } = lagging('conflate');
    for (let n = 0; n < 3; n += 1) {
      stream.send({ data: LONG });
    }
    expect(connection.closed).toBe(false);
    stream.send({ data: LONG });
    expect(connection.closeReason).toBe('overflow');
  });

  it.each(['conflate', 'drop-oldest'] as const)(
    'ends after what is held back has been sent: %s',
    async (policy) => {
      const ends = {
        complete: (stream: PrivateStream) => stream.complete(),
        error: (stream: PrivateStream) => stream.fail(new Error('crashed')),
      };
      for (const [reason, end] of Object.entries(ends)) {
        const client = lagging(policy);
        client.stream.send({ data: 'last words' });
        end(client.stream);
        expect(client.connection.closed).toBe(false);
        client.transport.resume();
        await settled();
        expect(client.data.slice(1)).toEqual(['last words']);
        expect(client.connection.closeReason).toBe(reason);
        expect(client.transport.ended).toBe(true);
      }
    },
  );

  it('holds nothing once its client is gone', async () => {
    const { stream, connection, transport } = lagging('drop-oldest');
    stream.send({ data: 'held' });
    stream.complete();
    transport.hangUp();
    await settled();
    stream.send({ data: 'too late' });
    await settled();
    expect(connection.closeReason).toBe('client');
    expect(transport.text).not.toContain('held');
  });

  it('refuses a bad event while it lags as well', async () => {
    const { stream } = lagging('drop-oldest');
    expect((await caught(() => stream.send({ type: 'open' }))).code).toBe('INVALID_EVENT_TYPE');
  });
});
