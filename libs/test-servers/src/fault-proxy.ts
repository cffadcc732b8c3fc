import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** A TCP forwarder on a free port of the loopback, to a port of the loopback, that can be told to do its work badly. */
export class FaultProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  /** Sockets whose bytes are lost. */
  private readonly muted = new WeakSet<Socket>();
  private silent = false;

  private constructor(
    private readonly server: Server,
    /** `undefined`: nobody is let through. */
    private target: number | undefined,
  ) {}

  /** @param target the port to forward to */
  static async start(target: number): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, target);
    server.on('connection', (socket) => proxy.forward(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.pairs.size;
  }

  /** Resets all open connections. New ones go through. */
  cut(): void {
    for (const [one, other] of this.pairs) {
      one.resetAndDestroy();
      other.resetAndDestroy();
    }
  }

  /** Loses all bytes of the connections that are open, which stay open. New ones go through. */
  mute(): void {
    this.pairs.forEach((pair) => pair.forEach((socket) => this.muted.add(socket)));
  }

  /** Cuts all connections, and resets new ones until {@link switchTo}. */
  refuse(): void {
    this.target = undefined;
    this.cut();
  }

  /**
   * Loses all bytes from here on, both ways and on new connections too, which stay open all the same: a network that is gone
   * without a word. {@link restore} ends it.
   */
  blackhole(): void {
    this.silent = true;
  }

  /** Forwards again; connections that bytes may have been lost on are cut. */
  restore(): void {
    this.silent = false;
    this.cut();
  }

  /** Forwards new connections to another port, and cuts those that are open. */
  switchTo(target: number): void {
    this.target = target;
    this.cut();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private forward(client: Socket): void {
    if (this.target === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(this.target, '127.0.0.1');
    const pair = [client, upstream] as const;
    this.pairs.add(pair);
    this.pipe(client, upstream);
    this.pipe(upstream, client);
    const end = (): void => {
      this.pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      // A failure is told to the other side by the close that follows it, which is all that a forwarder can do.
      socket.on('error', end);
      socket.on('close', end);
    }
  }

  private pipe(from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      if (!this.silent && !this.muted.has(from) && !to.write(bytes)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('end', () => to.end());
  }
}
