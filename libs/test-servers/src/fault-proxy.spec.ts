import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultProxy } from './fault-proxy.js';

/** Echoes what it gets, after its own name. */
class EchoServer {
  received = '';
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly name: string,
  ) {}

  static async start(name: string): Promise<EchoServer> {
    const server = createServer();
    const echo = new EchoServer(server, name);
    server.on('connection', (socket) => echo.answer(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return echo;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.close();
    this.sockets.forEach((socket) => socket.destroy());
    await once(this.server, 'close');
  }

  private answer(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      this.received += String(bytes);
      socket.write(`${this.name}: ${String(bytes)}`);
    });
  }
}

/** However it comes about. */
const closeOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
  });

const ask = async (socket: Socket, text: string): Promise<string> => {
  const answered = once(socket, 'data') as Promise<[Buffer]>;
  socket.write(text);
  const [bytes] = await answered;
  return bytes.toString();
};

describe('FaultProxy', () => {
  let one: EchoServer;
  let other: EchoServer;
  let proxy: FaultProxy;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    one = await EchoServer.start('one');
    other = await EchoServer.start('other');
    proxy = await FaultProxy.start(one.port);
  });

  afterEach(async () => {
    sockets.splice(0).forEach((socket) => socket.destroy());
    await proxy.close();
    await Promise.all([one.close(), other.close()]);
  });

  const open = async (): Promise<Socket> => {
    const socket = connect(proxy.port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  it('forwards both ways', async () => {
    const socket = await open();
    expect(await ask(socket, 'hello')).toBe('one: hello');
    expect(await ask(socket, 'again')).toBe('one: again');
    expect(proxy.connections).toBe(1);
  });

  it('cuts what is open, and lets new connections through', async () => {
    const socket = await open();
    await ask(socket, 'hello');
    const closed = closeOf(socket);
    proxy.cut();
    await closed;
    expect(await ask(await open(), 'back')).toBe('one: back');
  });

  it('loses everything in a black hole, with the connections open, and cuts them when it is over', async () => {
    const socket = await open();
    await ask(socket, 'hello');
    proxy.blackhole();
    socket.write('lost');
    const during = await open();
    during.write('lost too');
    // What is written through a second door has gone the same way by the time that it is answered.
    const probe = connect(one.port, '127.0.0.1');
    sockets.push(probe);
    await ask(probe, 'probe');
    expect([socket.destroyed, during.destroyed]).toEqual([false, false]);
    const closed = Promise.all([closeOf(socket), closeOf(during)]);
    proxy.restore();
    await closed;
    expect(await ask(await open(), 'back')).toBe('one: back');
    expect(one.received).toBe('helloprobeback');
  });

  it('loses what is open alone, without a word', async () => {
    const socket = await open();
    await ask(socket, 'hello');
    proxy.mute();
    socket.write('lost');
    expect(await ask(await open(), 'fresh')).toBe('one: fresh');
    expect([socket.destroyed, one.received]).toEqual([false, 'hellofresh']);
  });

  it('lets nobody through until it is switched', async () => {
    const socket = await open();
    await ask(socket, 'hello');
    const closed = closeOf(socket);
    proxy.refuse();
    await closed;
    const late = connect(proxy.port, '127.0.0.1');
    late.on('error', () => late.destroy());
    await closeOf(late);
    proxy.switchTo(other.port);
    expect(await ask(await open(), 'hello')).toBe('other: hello');
  });

  it('switches to another port', async () => {
    const socket = await open();
    await ask(socket, 'hello');
    const closed = closeOf(socket);
    proxy.switchTo(other.port);
    await closed;
    expect(await ask(await open(), 'hello')).toBe('other: hello');
  });

  it('ends a connection whose other side has ended, and one that finds nobody', async () => {
    const socket = await open();
    await ask(socket, 'hello');
    const closed = closeOf(socket);
    await one.close();
    await closed;
    const late = connect(proxy.port, '127.0.0.1');
    late.on('error', () => late.destroy());
    await closeOf(late);
    one = await EchoServer.start('one');
    expect(proxy.connections).toBe(0);
  });
});
