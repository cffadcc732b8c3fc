import { describe, expect, it } from '@jest/globals';
import type { LifecycleEvent } from '../lifecycle-event.js';
import { caught } from '../spec-support/caught.js';
import {
  type Client,
  openClient,
  publishAll,
  quiet,
  request,
  setUpHub,
  settled,
} from '../spec-support/hub-fixture.js';
import { ThrowingTransport } from '../spec-support/throwing-transport.js';
import { controlsOf, readStream } from '../spec-support/stream-text.js';

describe('the beginning of a stream', () => {
  it('is retry, sse:connected with the id and the heartbeat, then a priming id, in one write', async () => {
    const { hub } = setUpHub();
    const [last = ''] = await publishAll(hub, 'a', '1');
    const options = { heartbeat: { intervalMs: 20_000, visible: false } };
    const { connection, transport } = await openClient(hub, ['a'], { options });
    const connected = `{"connectionId":"${connection.id}","heartbeatMs":20000}`;
    expect(transport.text).toBe(`retry: 3000\n\nevent: sse:connected\ndata: ${connected}\n\nid: ${last}\n\n`);
    expect(transport.writes).toHaveLength(1);
    expect(transport.headers).toEqual({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
  });

  it('says which coding it has, and that there are others', async () => {
    const { hub } = setUpHub();
    const compression = { encodings: ['gzip' as const], thresholdBytes: 0 };
    const plain = await openClient(hub, ['a'], { options: { compression, negotiated: true } });
    const coded = await openClient(hub, ['a'], {
      options: { compression, negotiated: true, coding: 'gzip' },
    });
    expect(plain.transport.headers).toMatchObject({ Vary: 'Accept-Encoding' });
    expect(plain.transport.headers).not.toHaveProperty('Content-Encoding');
    expect(coded.transport.headers).toMatchObject({ Vary: 'Accept-Encoding', 'Content-Encoding': 'gzip' });
  });

  it('hints at a retry within its jitter', async () => {
    const { hub } = setUpHub();
    const hints: number[] = [];
    for (let index = 0; index < 50; index += 1) {
      const { transport } = await openClient(hub, ['a'], { options: { retry: { ms: 1_000, jitter: 0.3 } } });
      hints.push(...readStream(transport.text).retries);
    }
    expect(hints).toHaveLength(50);
    expect(Math.min(...hints)).toBeGreaterThanOrEqual(700);
    expect(Math.max(...hints)).toBeLessThanOrEqual(1_300);
    expect(new Set(hints).size).toBeGreaterThan(10);
  });

  it('has what was sent while it was opening, once', async () => {
    const { hub } = setUpHub();
    const client = request(hub);
    client.connection.send({ type: 'hello', data: 'early' });
    expect(client.connection.state).toBe('opening');
    client.connection.begin(quiet);
    expect(client.data).toEqual(['early']);
    expect(client.connection.messages).toBe(1);
    client.connection.send({ data: 'late', id: 'own' });
    expect(client.data).toEqual(['early', 'late']);
    expect(readStream(client.transport.text).events.at(-1)?.id).toBe('own');
  });
});

describe('send', () => {
  it('refuses what publish refuses, also when closed', async () => {
    const { hub } = setUpHub();
    const { connection } = await openClient(hub, ['a']);
    expect((await caught(() => connection.send({ type: 'open' }))).code).toBe('INVALID_EVENT_TYPE');
    connection.close();
    expect((await caught(() => connection.send({ data: 1n }))).code).toBe('INVALID_EVENT_DATA');
  });

  it('does nothing once closed', async () => {
    const { hub } = setUpHub();
    const { connection, transport } = await openClient(hub, ['a']);
    connection.close();
    const before = transport.text;
    connection.send({ data: 'x' });
    expect(transport.text).toBe(before);
  });

  it('closes a private stream that reads too slowly', () => {
    const { hub } = setUpHub();
    const { connection, transport } = request(hub);
    connection.begin(quiet);
    transport.stall();
    connection.send({ data: 'x'.repeat(2_000) });
    expect(connection.closeReason).toBeUndefined();
    connection.send({ data: 'one more' });
    expect(connection.closeReason).toBe('overflow');
  });

  it('lets one event through that is larger than all that may wait, to a client that reads', () => {
    const { hub } = setUpHub();
    const client = request(hub);
    client.connection.begin(quiet);
    client.connection.send({ data: 'x'.repeat(1_000_000) });
    client.connection.send({ data: 'next' });
    expect(client.connection.closeReason).toBeUndefined();
    expect(client.data.map((data) => data.length)).toEqual([1_000_000, 4]);
  });
});

describe('the end', () => {
  const ways: { readonly [name: string]: (client: Client) => void } = {
    server: ({ connection }) => connection.close(),
    revoked: ({ connection }) => connection.close('revoked'),
    drain: ({ connection }) => connection.close('drain', 100),
    error: ({ connection }) => connection.fail(new Error('broken')),
    complete: ({ connection }) => connection.close('complete'),
    expired: ({ connection }) => connection.close('expired'),
    client: ({ transport }) => transport.hangUp(),
  };

  for (const [reason, end] of Object.entries(ways)) {
    it(`comes once, and the first reason counts: ${reason}`, async () => {
      const { hub, clock } = setUpHub();
      const seen: LifecycleEvent[] = [];
      hub.lifecycle$.subscribe((event) => seen.push(event));
      const client = await openClient(hub, ['a']);
      const told: number[] = [];
      client.connection.onClosed(() => told.push(1));
      end(client);
      await settled();
      Object.values(ways).forEach((other) => other(client));
      await settled();
      expect(client.connection.closeReason).toBe(reason);
      expect(seen.map((event) => (event.kind === 'close' ? event.reason : event.kind))).toEqual([
        'open',
        reason,
      ]);
      expect(told).toEqual([1]);
      const goodbyes = controlsOf(client.transport.text, 'sse:goodbye');
      expect(goodbyes).toMatchObject(reason === 'client' ? [] : [{ reason }]);
      expect(hub.stats().closes).toMatchObject({ [reason]: 1 });
      expect(Object.values(hub.stats().closes).reduce((sum, count) => sum + count)).toBe(1);
      expect([hub.connections(), hub.stats().channels, clock.pending]).toEqual([[], 0, 0]);
    });
  }

  it('is an error, reported, if the socket failed', async () => {
    const { hub, errors } = setUpHub();
    const { connection, transport } = await openClient(hub, ['a']);
    transport.hangUp(new Error('ECONNRESET'));
    await settled();
    expect(connection.closeReason).toBe('error');
    expect(errors).toEqual([expect.stringContaining('ECONNRESET')]);
  });

  it('comes for a connection whose response throws, and for no other', async () => {
    const { hub, errors } = setUpHub();
    const transport = new ThrowingTransport();
    const broken = await openClient(hub, ['a'], { transport });
    const other = await openClient(hub, ['a']);
    transport.throws = true;
    await publishAll(hub, 'a', '1');
    await settled();
    expect([broken.connection.closeReason, transport.destroyed]).toEqual(['error', true]);
    expect(errors).toEqual([expect.stringContaining('wrapped by someone')]);
    expect(other.data).toEqual(['1']);
  });

  it('aborts the signal, whenever it was asked for', async () => {
    const { hub } = setUpHub();
    const { connection } = await openClient(hub, ['a']);
    const { signal } = connection;
    expect([signal.aborted, connection.signal]).toEqual([false, signal]);
    connection.close();
    expect(signal.aborted).toBe(true);
    const late = await openClient(hub, ['a']);
    late.connection.close();
    expect(late.connection.signal.aborted).toBe(true);
  });

  it('calls who asks too late at once', async () => {
    const { hub } = setUpHub();
    const { connection } = await openClient(hub, ['a']);
    connection.close();
    let told = 0;
    connection.onClosed(() => (told += 1));
    expect(told).toBe(1);
  });

  it('writes nothing if the stream was never opened, and counts nothing', () => {
    const { hub } = setUpHub();
    const seen: LifecycleEvent[] = [];
    hub.lifecycle$.subscribe((event) => seen.push(event));
    const { connection, transport } = request(hub);
    connection.abandon('server');
    expect([transport.headers, seen, hub.connections()]).toEqual([undefined, [], []]);
    expect(hub.stats()).toMatchObject({ opens: 0, closes: { server: 0 } });
  });
});
