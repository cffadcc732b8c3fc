import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.js';
import { systemBinary } from './system-binary.js';

const REDIS = { names: ['redis-server', 'valkey-server'], package: 'redis-server' };
const READY = /Ready to accept connections|\+monitor master/;

const DEFAULTS = {
  bind: '127.0.0.1',
  save: '',
  appendonly: 'no',
  'enable-debug-command': 'yes',
  'repl-diskless-sync-delay': '0',
};

export interface RedisServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Directives of redis.conf as `name: value`, for instance `{ appendonly: 'yes' }`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Whether Ctrl+C on the terminal doesn't reach it, so that whoever has started it must end it. Default `false`. */
  readonly ownGroup?: boolean;
}

/** A redis-server of one's own: on a port of the loopback, with a folder of its own, to be stopped and killed at will. */
export class RedisServer {
  private constructor(
    private readonly binary: string,
    readonly port: number,
    private readonly folder: string,
    private readonly args: readonly string[],
    private readonly ownGroup: boolean,
    private process: ChildProcess,
  ) {}

  /** @throws Error if no redis-server is there, or can be installed, or it doesn't start */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const { config = {}, ownGroup = false } = options;
    const argsFor = (port: number, folder: string): string[] => [
      '--port',
      String(port),
      '--dir',
      folder,
      ...Object.entries({ ...DEFAULTS, ...config }).flatMap(([name, value]) => [`--${name}`, value]),
    ];
    return RedisServer.launch(options.port ?? (await freePort()), argsFor, ownGroup);
  }

  /** A server that follows another. */
  static replicaOf(
    { port }: RedisServer,
    config: Readonly<Record<string, string>> = {},
  ): Promise<RedisServer> {
    return RedisServer.start({ config: { ...config, replicaof: `127.0.0.1 ${port}` } });
  }

  /**
   * A Sentinel that watches a master, and promotes a replica by itself when it is away.
   *
   * @param name what it calls the master
   * @param downAfterMs how long the master may be silent
   */
  static async sentinel(
    { port: master }: RedisServer,
    name: string,
    downAfterMs: number,
  ): Promise<RedisServer> {
    return RedisServer.launch(await freePort(), async (port, folder) => {
      const file = join(folder, 'sentinel.conf');
      const lines = [
        'bind 127.0.0.1',
        `port ${port}`,
        `dir ${folder}`,
        `sentinel monitor ${name} 127.0.0.1 ${master} 1`,
        `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
        `sentinel failover-timeout ${name} ${10 * downAfterMs}`,
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      return [file, '--sentinel'];
    });
  }

  private static async launch(
    port: number,
    argsFor: (port: number, folder: string) => string[] | Promise<string[]>,
    ownGroup = false,
  ): Promise<RedisServer> {
    const binary = await systemBinary(REDIS);
    const folder = await mkdtemp(join(tmpdir(), 'nestcast-redis-'));
    const args = await argsFor(port, folder);
    return new RedisServer(binary, port, folder, args, ownGroup, await launch(binary, args, ownGroup));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Makes it stop in its tracks: it answers nobody until {@link resume}. */
  freeze(): void {
    this.process.kill('SIGSTOP');
  }

  resume(): void {
    this.process.kill('SIGCONT');
  }

  /** Ends it as a crash would; what it has written to its folder stays. */
  async kill(): Promise<void> {
    await ended(this.process, 'SIGKILL');
  }

  /** Starts it again after {@link kill}, with what its folder has. */
  async restart(): Promise<void> {
    this.process = await launch(this.binary, this.args, this.ownGroup);
  }

  /** Sends one command over a connection of its own, and resolves with the raw answer. */
  async command(...words: readonly string[]): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      const request = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
      // Not QUIT, which a Sentinel doesn't know: it answers what it has read before it sees the end.
      socket.end(`*${words.length}\r\n${request}`);
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      await once(socket, 'close');
      return answer.trimEnd();
    } finally {
      socket.destroy();
    }
  }

  /** A figure of INFO's, such as `total_connections_received`. */
  async info(name: string): Promise<number> {
    const info = await this.command('INFO', 'everything');
    return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  }

  /** How many connections there are, but for the one that asks. */
  async clients(): Promise<number> {
    return (await this.info('connected_clients')) - 1;
  }

  /** Ends it, and deletes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function launch(binary: string, args: readonly string[], ownGroup: boolean): Promise<ChildProcess> {
  const server = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: ownGroup });
  const lines: string[] = [];
  // It must be read to its end: a full pipe would stop the server.
  const output = createInterface(server.stdout);
  const ready = new Promise<void>((resolve, reject) => {
    output.on('line', (line) => {
      lines.push(line);
      lines.splice(0, lines.length - 20);
      if (READY.test(line)) {
        resolve();
      }
    });
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new Error(`redis-server ended with ${code} instead of starting:\n${lines.join('\n')}`)),
    );
  });
  await ready;
  return server;
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  }
}
