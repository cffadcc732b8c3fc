import { type EventEmitter, once } from 'node:events';
import { Agent, type IncomingMessage, type Server, get } from 'node:http';
import { type Socket, connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Hub, TimerWheel } from '@nestcast/hub';
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
    // From a quarter of the window on: who came back at once might find the node still gone.
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(1_250);
    expect(Math.max(...retries)).toBeLessThanOrEqual(6_250);
    // Spread over the whole window: no two in the same fiftieth of it.
    expect(new Set(retries.map((ms) => Math.floor((ms - 1_250) / (5_000 / STREAMS)))).size).toBeGreaterThan(
      STREAMS - 3,
    );
    expect(await Promise.all(streams.map((stream) => stream.ended))).toEqual(streams.map(() => 'end'));
    expect(app.app.get(TimerWheel).pending).toBe(0);
    expect(activeTimers()).toBeLessThanOrEqual(timers);
  });

  it('[S1] close() does not wait for a client that has stopped reading', async () => {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { overflow: { maxBufferedBytes: 64 * 1024 } },
    });
    await stalledStream();
    const began = performance.now();
    await app.app.close();
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('[S1] goes on while load balancers find out, then refuses new streams', async () => {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { drain: { readinessDelayMs: 200 }, overflow: { maxBufferedBytes: 64 * 1024 } },
    });
    const hub = app.app.get(Hub);
    // One that has stopped reading keeps the drain waiting, so that there is something to come into.
    await stalledStream();
    expect(hub.ready).toBe(true);
    const closing = app.app.close();
    await untilTurn(() => !hub.ready);
    const late = await app.open('/stream');
    await late.control('sse:connected');
    await app.channels.publish('a', { data: 'still here' });
    expect((await late.next()).data).toBe('still here');
    expect(await late.control('sse:goodbye')).toMatchObject({ reason: 'drain' });
    const refused = await app.open('/stream');
    expect(refused.status).toBe(503);
    // As all others, at a moment of its own within the window.
    expect(['1', '2', '3', '4', '5']).toContain(refused.headers['retry-after']);
    await closing;
  });

  it('[S1] a second close() waits for the first, and begins no other delay', async () => {
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse: { drain: { readinessDelayMs: 600 } },
    });
    const stream = await app.open('/stream');
    await stream.control('sse:connected');
    const hub = app.app.get(Hub);
    const closing = app.app.close();
    await untilTurn(() => !hub.ready);
    await app.app.close();
    expect(app.channels.stats().closes.drain).toBe(1);
    await closing;
    const again = performance.now();
    await app.app.close();
    expect(performance.now() - again).toBeLessThan(600);
  });

  it('[S1] streams that end cleanly leave nothing on the socket that goes on', async () => {
    app = await startApp(adapter, { controllers: [StreamController] });
    const sockets: Socket[] = [];
    (app.app.getHttpServer() as Server).on('connection', (socket: Socket) => sockets.push(socket));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const counts: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      await streamOnce(agent);
      const [socket] = sockets;
      counts.push(socket ? listeners(socket) : -1);
    }
    agent.destroy();
    expect(sockets).toHaveLength(1);
    expect(counts.at(-1)).toBe(counts[1]);
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
    expect(app.app.get(TimerWheel).pending).toBe(0);
    // Node's own timers come and go; one a disconnect would be a thousand.
    expect(after.timers).toBeLessThan(before.timers + 10);
  });

  /** Opens a stream whose client stops reading, and publishes until the node has noticed. */
  async function stalledStream(): Promise<void> {
    const stream = await app.open('/stream');
    await stream.control('sse:connected');
    stream.pause();
    while (app.channels.stats().lagging === 0) {
      await app.channels.publish('a', { data: 'x'.repeat(256 * 1024) });
      await turn();
    }
  }

  /** A stream that the server ends, read to its end. */
  async function streamOnce(agent: Agent): Promise<void> {
    const request = get(`${app.url}/stream`, { agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response, 'data');
    await app.channels.disconnect({ channel: 'a' });
    response.resume();
    await once(response, 'end');
  }

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
    server: listeners(server),
    process: listeners(process),
  };
}

function activeTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

function listeners(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

async function untilTurn(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
