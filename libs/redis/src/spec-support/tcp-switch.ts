import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A port of the loopback that leads to one server or another, as the address of a master does. */
export class TcpSwitch {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: number | undefined,
  ) {}

  static async to(port: number): Promise<TcpSwitch> {
    const server = createServer();
    const tcpSwitch = new TcpSwitch(server, port);
    server.on('connection', (socket) => tcpSwitch.forward(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return tcpSwitch;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Leads elsewhere from now on; who was connected is cut off. */
  turn(port: number): void {
    this.target = port;
    this.cut();
  }

  /** Leads nowhere until it is turned; who was connected is cut off. */
  block(): void {
    this.target = undefined;
    this.cut();
  }

  /** Carries nothing any more over the connections that are there, and doesn't say so. */
  mute(): void {
    this.sockets.forEach((socket) => socket.unpipe().pause());
  }

  close(): void {
    this.server.close();
    this.cut();
  }

  private cut(): void {
    this.sockets.forEach((socket) => socket.destroy());
  }

  private forward(socket: Socket): void {
    if (this.target === undefined) {
      socket.destroy();
      return;
    }
    const onward = connect(this.target, '127.0.0.1');
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
