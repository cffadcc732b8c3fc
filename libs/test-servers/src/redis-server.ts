import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.js';
import { systemBinary } from './system-binary.js';

const REDIS = { names: ['redis-server', 'valkey-server'], package: 'redis-server' };
const READY = /Ready to accept connections|\+monitor master/;

export interface RedisServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Directives of redis.conf as `name: value`, for instance `{ appendonly: 'yes' }`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Whether Ctrl+C on the terminal doesn't reach it, so that whoever has started it must end it. Default `false`. */
  readonly ownGroup?: boolean;
}

interface Launch {
  readonly binary: string;
  readonly port: number;
  readonly folder: string;
  readonly config: Readonly<Record<string, string>>;
  readonly ownGroup: boolean;
}

/** A redis-server of one's own: on a port of the loopback, with a folder of its own, to be stopped and killed at will. */
export class RedisServer {
  private constructor(
    private readonly how: Launch,
    private process: ChildProcess,
  ) {}

  /** @throws Error if no redis-server is there, or can be installed, or it doesn't start */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const { config = {}, ownGroup = false } = options;
    const binary = await systemBinary(REDIS);
    const port = options.port ?? (await freePort());
    const folder = await mkdtemp(join(tmpdir(), 'nestcast-redis-'));
    const how = { binary, port, folder, config, ownGroup };
    return new RedisServer(how, await launch(how));
  }

  get port(): number {
    return this.how.port;
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
    this.process = await launch(this.how);
  }

  /** Sends one command over a connection of its own, and resolves with the raw answer. */
  async command(...words: readonly string[]): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      const request = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
      socket.write(`*${words.length}\r\n${request}*1\r\n$4\r\nQUIT\r\n`);
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
      await once(socket, 'close');
      return answer.replace(/\+OK\r\n$/, '').trimEnd();
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
    await rm(this.how.folder, { recursive: true, force: true });
  }
}

async function launch({ binary, port, folder, config, ownGroup }: Launch): Promise<ChildProcess> {
  const directives = {
    bind: '127.0.0.1',
    save: '',
    appendonly: 'no',
    'enable-debug-command': 'yes',
    ...config,
  };
  const args = Object.entries(directives).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn(binary, ['--port', String(port), '--dir', folder, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: ownGroup,
  });
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
