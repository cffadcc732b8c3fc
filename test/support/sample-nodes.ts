import { PostgresServer, RedisServer } from '@nestcast/test-servers';

import { SampleProcess } from './sample-process.js';

type Environment = Readonly<Record<string, string>>;

const WORKERS = 2;
/** Redis has all after a crash that it has answered before. */
const DURABLE = { appendonly: 'yes', appendfsync: 'always' };

/** The built sample on one node or several, over whatever they share. */
export class SampleNodes {
  private constructor(
    private readonly broker: string,
    readonly nodes: readonly SampleProcess[],
    /** Where each listens; workers of one primary share a port. */
    readonly urls: readonly string[],
    readonly postgres: PostgresServer | undefined,
    readonly redis: RedisServer | undefined,
  ) {}

  /** @param database `server`: a PostgreSQL server of their own, else an embedded one */
  static async start(
    broker: 'memory' | 'cluster' | 'redis',
    database: 'embedded' | 'server',
    more: Environment = {},
  ): Promise<SampleNodes> {
    const [postgres, redis] = await Promise.all([
      database === 'server' ? PostgresServer.start() : undefined,
      broker === 'redis' ? RedisServer.start({ config: DURABLE }) : undefined,
    ]);
    const shared = {
      BROKER: broker,
      ...(broker === 'cluster' && { WORKERS: String(WORKERS) }),
      ...(postgres && { DATABASE_URL: postgres.url, DEMO_PASSWORD: 'nestcast' }),
      ...(redis && { REDIS_URL: redis.url, SESSION_SECRET: 'the same on all' }),
      ...more,
    };
    const names = redis ? ['node A', 'node B'] : ['the only one'];
    const nodes = await Promise.all(
      names.map((NODE_NAME) => SampleProcess.start({ ...shared, ...(redis && { NODE_NAME }) })),
    );
    const urls = await Promise.all(nodes.map((node) => node.url()));
    return new SampleNodes(broker, nodes, urls, postgres, redis);
  }

  /** With the cluster broker: whether all of them are. */
  workersAreUp(): boolean {
    return this.broker !== 'cluster' || this.nodes.every((node) => node.workers().length === WORKERS);
  }

  /** Of the first and of the last, which may be the same. */
  get ends(): readonly [string, string] {
    return [this.urls[0] as string, this.urls.at(-1) as string];
  }

  async destroy(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await Promise.all([this.postgres?.stop(), this.redis?.stop()]);
  }
}
