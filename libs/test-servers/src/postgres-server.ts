import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { systemBinary } from './system-binary.js';

const run = promisify(execFile);

/** Debian keeps PostgreSQL's programs off PATH, in a folder for each version. */
const DEBIAN = '/usr/lib/postgresql';
const INITDB = { names: ['initdb'], package: 'postgresql', folders: debianFolders };
/** slim images have none. */
const PS = { names: ['ps'], package: 'procps' };
const READY = /database system is ready to accept connections/;
const SUPERUSER = 'postgres';

export interface PostgresServerOptions {
  /**
   * Settings of postgresql.conf as `name: value`. PostgreSQL's own are the defaults, `fsync` among them: with `{ fsync: 'off' }`
   * it is faster, and still outlives {@link PostgresServer.kill}, though not a crash of the machine.
   */
  readonly config?: Readonly<Record<string, string>>;
}

/** Whom a program runs as. */
interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A PostgreSQL server of one's own: on a port of the loopback, where it trusts everybody, with a folder of its own, to be stopped
 * and killed at will.
 */
export class PostgresServer {
  private constructor(
    /** Of PostgreSQL's programs. */
    private readonly programs: string,
    readonly port: number,
    private readonly folder: string,
    private readonly args: readonly string[],
    /** PostgreSQL refuses to be root. */
    private readonly account: Account | undefined,
    private process: ChildProcess,
  ) {}

  /** @throws Error if no PostgreSQL is there, or can be installed, or it doesn't start */
  static async start({ config = {} }: PostgresServerOptions = {}): Promise<PostgresServer> {
    const programs = dirname(await realpath(await systemBinary(INITDB)));
    const account = process.getuid?.() === 0 ? await unprivileged() : undefined;
    const folder = await mkdtemp(join(tmpdir(), 'nestcast-postgres-'));
    const port = await freePort();
    const settings = {
      ...config,
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
    };
    const args = [
      '-D',
      folder,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    try {
      if (account) {
        await chown(folder, account.uid, account.gid);
      }
      await initialise(programs, folder, account);
      const server = await launch(programs, folder, args, account);
      return new PostgresServer(programs, port, folder, args, account, server);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Of the database that every server begins with. */
  get url(): string {
    return this.urlOf(SUPERUSER);
  }

  urlOf(database: string): string {
    return `postgres://${SUPERUSER}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  /**
   * @param template a database to copy, which nobody may be connected to; default: an empty one
   * @returns its URL
   */
  async createDatabase(name: string, template = 'template1'): Promise<string> {
    await this.query(`CREATE DATABASE ${identifier(name)} TEMPLATE ${identifier(template)}`);
    return this.urlOf(name);
  }

  /**
   * Runs statements over a connection of its own, up to the first that fails.
   *
   * @param database default: that of {@link url}
   * @returns the rows, each a line, with a `|` between its columns
   * @throws Error with what the server says
   */
  async query(sql: string, database: string = SUPERUSER): Promise<string> {
    const quiet = ['--no-psqlrc', '--quiet', '--no-align', '--tuples-only', '--set', 'ON_ERROR_STOP=1'];
    const psql = join(this.programs, 'psql');
    const { stdout } = await run(psql, [...quiet, '--dbname', this.urlOf(database), '--command', sql]);
    return stdout.trimEnd();
  }

  /** Ends it as a crash would, with all its processes in whatever they do; what it has written to its folder stays. */
  async kill(): Promise<void> {
    const server = this.process;
    if (server.exitCode !== null || server.signalCode !== null) {
      return;
    }
    // All of them have its output open: it closes when the last one has gone, and with it what they have in common.
    const closed = once(server, 'close');
    // It can't have more children than are found.
    server.kill('SIGSTOP');
    for (const child of await childrenOf(server.pid ?? 0)) {
      process.kill(child, 'SIGKILL');
    }
    server.kill('SIGKILL');
    await closed;
  }

  /** Starts it again after {@link kill}, with what its folder has. */
  async restart(): Promise<void> {
    this.process = await launch(this.programs, this.folder, this.args, this.account);
  }

  /** Ends it, and deletes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Makes a folder into one of a server's; what isn't synced there is lost with the machine alone. */
async function initialise(programs: string, folder: string, account: Account | undefined): Promise<void> {
  const login = ['--username', SUPERUSER, '--auth', 'trust'];
  const args = ['--pgdata', folder, ...login, '--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
  await run(join(programs, 'initdb'), args, { ...account, cwd: folder });
}

async function launch(
  programs: string,
  folder: string,
  args: readonly string[],
  account: Account | undefined,
): Promise<ChildProcess> {
  const server = spawn(join(programs, 'postgres'), args, {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  // It must be read to its end: a full pipe would stop the server.
  const output = createInterface(server.stderr);
  await new Promise<void>((resolve, reject) => {
    output.on('line', (line) => {
      lines.push(line);
      lines.splice(0, lines.length - 20);
      if (READY.test(line)) {
        resolve();
      }
    });
    server.once('error', reject);
    server.once('close', (code) =>
      reject(new Error(`postgres ended with ${code} instead of starting:\n${lines.join('\n')}`)),
    );
  });
  return server;
}

/** The account that Debian's packages make for PostgreSQL, else the one that every system has. */
async function unprivileged(): Promise<Account> {
  return (await accountOf('postgres')) ?? (await accountOf('nobody')) ?? nobodyIsThere();
}

function nobodyIsThere(): never {
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user "postgres" nor "nobody".');
}

async function accountOf(user: string): Promise<Account | undefined> {
  const ask = async (what: string): Promise<number> => Number((await run('id', [what, user])).stdout);
  return Promise.all([ask('-u'), ask('-g')]).then(
    ([uid, gid]) => ({ uid, gid }),
    () => undefined,
  );
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run(await systemBinary(PS), ['-A', '-o', 'pid=', '-o', 'ppid=']);
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return processes.flatMap(([child = 0, parent]) => (parent === pid ? child : []));
}

/** The newest version's first. */
async function debianFolders(): Promise<string[]> {
  const versions = await readdir(DEBIAN).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') {
      throw error;
    }
    return [];
  });
  return versions
    .toSorted((one, other) => Number(other) - Number(one))
    .map((version) => join(DEBIAN, version, 'bin'));
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
