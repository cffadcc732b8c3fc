import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { AddressInfo, Server, Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannel, SseCompression, type SseEvent, type SseModuleOptions } from '@nestcast/sse';
import { ManualClock, type SseStream } from '@nestcast/testing';
import { Controller } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { gzipEverything } from './support/gzip-everything.js';
import { nextClose } from './support/lifecycle.js';
import { type AppSetup, type TestApp, adapters, startApp } from './support/nest-app.js';

/** What no encoder makes smaller than its random bytes, each time anew. */
const RANDOM_BYTES = 48 * 1024;
const filler = (): string => randomBytes(RANDOM_BYTES).toString('base64');
const STALL_MS = 600;
let source = new Subject<SseEvent>();

@Controller()
class StreamController {
  @SseChannel('channel')
  channel(): string {
    return 'news';
  }

  @SseChannel('private')
  private(): Observable<SseEvent> {
    return source;
  }

  @SseChannel('brotli')
  @SseCompression({ encodings: ['br'] })
  brotli(): Observable<SseEvent> {
    return source;
  }

  @SseChannel('pulled')
  *pulled(): Iterable<SseEvent> {
    for (;;) {
      yield { data: filler() };
    }
  }
}

describe.each(adapters)('a client that takes nothing any more, on %s', (adapter) => {
  let app: TestApp;
  let sockets: Socket[];
  afterEach(() => app.close());

  async function start(
    sse: SseModuleOptions,
    { clock, configure }: Pick<AppSetup, 'clock' | 'configure'> = {},
  ): Promise<void> {
    source = new Subject();
    sockets = [];
    app = await startApp(adapter, {
      controllers: [StreamController],
      sse,
      ...(clock && { clock }),
      configure: async (nest) => {
        await configure?.(nest);
        nest.getHttpServer().on('connection', (socket: Socket) => sockets.push(socket));
      },
    });
  }

  const stalling: SseModuleOptions = {
    overflow: { stallMs: STALL_MS, maxBufferedBytes: 64 * 1024 * 1024 },
  };

  it.each(['/channel', '/private', '/pulled', '/brotli'])(
    'is cut off with all that waits: %s',
    async (path) => {
      const clock = new ManualClock();
      await start(stalling, { clock });
      await expectCutOff(await app.open(path, { headers: { 'accept-encoding': 'br' } }), () =>
        clock.advance(STALL_MS * 1.5),
      );
    },
  );

  it('is cut off behind middleware that has wrapped the response', async () => {
    const clock = new ManualClock();
    await start(stalling, { clock, configure: (nest) => void nest.use(gzipEverything) });
    await expectCutOff(await app.open('/channel', { headers: { 'accept-encoding': 'gzip' } }), () =>
      clock.advance(STALL_MS * 1.5),
    );
  });

  it("is cut off in time, by the hub's own clock", async () => {
    await start(stalling);
    const stream = await app.open('/channel');
    const stalledAt = await expectCutOff(stream, () => performance.now());
    const after = performance.now() - stalledAt;
    expect(after).toBeGreaterThan(STALL_MS * 0.75);
    expect(after).toBeLessThan(STALL_MS * 1.5 + 1_000);
  });

  it('is left alone as long as it takes some, however slowly', async () => {
    const clock = new ManualClock();
    await start(stalling, { clock });
    const stream = await app.open('/channel');
    await stream.connectionId();
    stream.pause();
    for (let reads = 0; reads < 10; reads += 1) {
      await stuff();
      clock.advance(STALL_MS * 0.9);
      await readSome(stream, sockets[0] as Socket);
    }
    expect(app.channels.stats()).toMatchObject({ connections: 1, closes: { overflow: 0 } });
  });

  it('is probed by the operating system while it is quiet, as the option says', async () => {
    await start({ tcpKeepAlive: { initialDelayMs: 45_000 } });
    const stream = await app.open('/channel');
    await stream.connectionId();
    expect(await keepAliveTimer(sockets[0] as Socket)).toBeGreaterThan(40);
    expect(await keepAliveTimer(sockets[0] as Socket)).toBeLessThanOrEqual(45);
  });

  it('is probed after half a minute where nothing is said, and not at all where it is 0', async () => {
    await start({});
    await (await app.open('/channel')).connectionId();
    expect(await keepAliveTimer(sockets[0] as Socket)).toBeGreaterThan(25);
    expect(await keepAliveTimer(sockets[0] as Socket)).toBeLessThanOrEqual(30);
    await app.close();
    await start({ tcpKeepAlive: { initialDelayMs: 0 } });
    await (await app.open('/channel')).connectionId();
    expect(await keepAliveTimer(sockets[0] as Socket)).toBeUndefined();
  });

  /** Sends until the socket takes no more. */
  async function stuff(): Promise<void> {
    const [socket] = sockets as [Socket];
    while (socket.writableLength === 0) {
      const before = socket.bytesWritten;
      const data = filler();
      source.next({ data });
      await app.channels.publish('news', { data });
      // An encoder may take its time, and gives what it has in pieces: the next event must not come before the last of them.
      while (socket.bytesWritten - before < RANDOM_BYTES && socket.writableLength === 0) {
        await new Promise(setImmediate);
      }
    }
  }

  /** Has a client stop reading, lets time go by, and holds what becomes of it against one close with all let go. */
  async function expectCutOff<T>(stream: SseStream, letTimeGoBy: () => T): Promise<T> {
    await stream.connectionId();
    const closes: unknown[] = [];
    app.channels.lifecycle$.subscribe((event) => event.kind === 'close' && closes.push(event.reason));
    const closed = nextClose(app);
    stream.pause();
    await stuff();
    const ends = endsOf(sockets[0] as Socket);
    const result = letTimeGoBy();
    expect(await closed).toBe('overflow');
    expect(app.channels.stats()).toMatchObject({ connections: 0, closes: { overflow: 1 } });
    const [socket] = sockets as [Socket];
    expect(socket.destroyed).toBe(true);
    // Nor does the kernel hold anything for it: a socket closed in an orderly way would still be there.
    expect(await kernelRow(ends)).toBeUndefined();
    stream.resume();
    expect(await stream.ended).toBe('aborted');
    expect(await connectionsOf(app)).toBe(0);
    expect(stream.received.some(({ type }) => type === 'sse:goodbye')).toBe(false);
    expect(closes).toEqual(['overflow']);
    expect(app.logger.errors).toEqual([]);
    return result;
  }
});

/** The open sockets of its server. */
async function connectionsOf({ app }: TestApp): Promise<number> {
  const server = app.getHttpServer() as Server;
  return promisify(server.getConnections.bind(server))();
}

/** Lets the client read until the server's socket has taken something again. */
async function readSome(stream: SseStream, socket: Socket): Promise<void> {
  const before = socket.writableLength;
  stream.resume();
  while (socket.writableLength >= before) {
    await new Promise(setImmediate);
  }
  stream.pause();
}

interface Ends {
  readonly local: number;
  readonly remote: number;
}

function endsOf(socket: Socket): Ends {
  const { port } = socket.address() as AddressInfo;
  return { local: port, remote: socket.remotePort ?? 0 };
}

const hexPort = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')}`;

/** The columns of /proc/net/tcp for one socket, if the kernel has it. */
async function kernelRow({ local, remote }: Ends): Promise<string[] | undefined> {
  const table = await readFile('/proc/net/tcp', 'utf8');
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.find((row) => row[1]?.endsWith(hexPort(local)) && row[2]?.endsWith(hexPort(remote)));
}

/** The seconds until the kernel's next probe of a quiet peer; `undefined`: it has no such timer. */
async function keepAliveTimer(socket: Socket): Promise<number | undefined> {
  const row = await kernelRow(endsOf(socket));
  const [timer, jiffies = ''] = row?.[5]?.split(':') ?? [];
  // Timer 2 is the one of keep-alive; hundredths of a second.
  return timer === '02' ? Number.parseInt(jiffies, 16) / 100 : undefined;
}
