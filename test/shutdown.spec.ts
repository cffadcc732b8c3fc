import { once } from 'node:events';
import type { Server } from 'node:http';
import { type Socket, connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type CloseReason, SseChannel } from '@nestcast/sse';
import { Controller } from '@nestjs/common';
import { type TestApp, adapters, startApp } from './support/nest-app.js';

const STREAMS = 50;
const DISCONNECTS = 1_000;

@Controller('stream')
class StreamController {
  @SseChannel()
  stream() {
    return ['a', 'b'];
  }
}

describe.each(adapters)('the end on %s', (adapter) => {
  let app: TestApp;
  afterEach(() => app.close());

  it(`[S1] close() ends ${STREAMS} open streams cleanly, each with a moment to come back, within a second`, async () => {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { drain: { reconnectWindowMs: 5_000 } },
    });
    const streams = await Promise.all(Array.from({ length: STREAMS }, () => app.open('/stream')));
    await Promise.all(streams.map((stream) => stream.control('sse:connected')));
    const timers = activeTimers();

    const began = performance.now();
    await app.app.close();
    expect(performance.now() - began).toBeLessThan(1_000);

    const goodbyes = await Promise.all(streams.map((stream) => stream.control('sse:goodbye')));
    const retries = goodbyes.map((data) => (data as { retryMs: number }).retryMs);
    expect(goodbyes).toEqual(retries.map((retryMs) => ({ reason: 'drain', retryMs })));
    expect(Math.max(...retries)).toBeLessThanOrEqual(5_000);
    // Spread over the whole window: no two in the same fiftieth of it.
    expect(new Set(retries.map((ms) => Math.floor(ms / (5_000 / STREAMS)))).size).toBeGreaterThan(
      STREAMS - 3,
    );
    expect(await Promise.all(streams.map((stream) => stream.ended))).toEqual(streams.map(() => 'end'));
    expect(activeTimers()).toBeLessThanOrEqual(timers);
  });

  it('[S1] close() does not wait for a client that has stopped reading', async () => {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { overflow: { maxBufferedBytes: 64 * 1024 } },
    });
    const stream = await app.open('/stream');
    await stream.control('sse:connected');
    stream.pause();
    while (app.channels.stats().lagging === 0) {
      await app.channels.publish('a', { data: 'x'.repeat(256 * 1024) });
      await turn();
    }
    const began = performance.now();
    await app.app.close();
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('[S1] a new stream during the drain is refused, and readiness has been down before', async () => {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { drain: { readinessDelayMs: 200 } },
    });
    const stream = await app.open('/stream');
    await stream.control('sse:connected');
    const closing = app.app.close();
    // Events still flow while load balancers find out.
    await app.channels.publish('a', { data: 'still here' });
    expect((await stream.next()).data).toBe('still here');
    expect(await stream.control('sse:goodbye')).toMatchObject({ reason: 'drain' });
    await closing;
  });

  it(`[S2] ${DISCONNECTS} abrupt disconnects leave no subscriber, timer or listener, and one close each`, async () => {
    app = await startApp(adapter, { controllers: [StreamController] });
    const reasons: CloseReason[] = [];
    app.channels.lifecycle$.subscribe((event) => {
      if (event.kind === 'close') {
        reasons.push(event.reason);
      }
    });
    await connectAndReset(50);
    const before = footprint(app);
    reasons.length = 0;
    for (let done = 0; done < DISCONNECTS; done += 50) {
      await connectAndReset(50);
    }

    expect(reasons).toEqual(Array.from({ length: DISCONNECTS }, () => 'client'));
    expect(app.channels.connections()).toEqual([]);
    expect(app.channels.stats()).toMatchObject({ connections: 0, channels: 0, lagging: 0 });
    const after = footprint(app);
    expect([after.server, after.process]).toEqual([before.server, before.process]);
    // Node's own timers come and go; one a disconnect would be a thousand.
    expect(after.timers).toBeLessThan(before.timers + 10);
  });

  /** Opens streams, resets their sockets once the first bytes are in, and waits until the node has seen it. */
  async function connectAndReset(count: number): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      let closes = 0;
      const subscription = app.channels.lifecycle$.subscribe((event) => {
        closes += event.kind === 'close' ? 1 : 0;
        if (closes === count) {
          subscription.unsubscribe();
          resolve();
        }
      });
    });
    const sockets = await Promise.all(Array.from({ length: count }, () => openRaw(app.port)));
    sockets.forEach((socket) => socket.resetAndDestroy());
    await seen;
  }
});

async function openRaw(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
  await once(socket, 'data');
  return socket;
}

/** What must not grow: timers of the process, and listeners of the server and the process. */
function footprint({ app }: TestApp) {
  const server = app.getHttpServer() as Server;
  return {
    timers: activeTimers(),
    server: server.eventNames().reduce((sum, name) => sum + server.listenerCount(name), 0),
    process: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

function activeTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
