import { randomInt } from 'node:crypto';

import { PostgresServer, RedisServer, freePort } from '@nestcast/test-servers';
import { Client } from 'pg';

import type { InboxTraffic } from './inbox-traffic.js';
import type { PatientUser } from './patient-user.js';
import type { Query } from './inbox-verdict.js';
import type { MortalSample } from './mortal-sample.js';
import { SampleProcess } from './sample-process.js';

interface Node {
  readonly environment: Readonly<Record<string, string>>;
  process: SampleProcess;
}

const originOf = ({ environment }: Node): string => `http://127.0.0.1:${environment['PORT']}`;

/** Two nodes over one Redis and one PostgreSQL server. */
export class MortalNodesSample implements MortalSample {
  private constructor(
    private readonly postgres: PostgresServer,
    private readonly redis: RedisServer,
    private readonly nodes: readonly Node[],
  ) {}

  static async start(): Promise<MortalNodesSample> {
    const [postgres, redis] = await Promise.all([PostgresServer.start(), RedisServer.start()]);
    const shared = {
      BROKER: 'redis',
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
      SESSION_SECRET: 'the same on both',
      DEMO_PASSWORD: 'nestcast',
    };
    // Together: one of them makes the tables.
    const nodes = await Promise.all(
      ['A', 'B'].map(async (NODE_NAME): Promise<Node> => {
        const environment = { ...shared, NODE_NAME, PORT: String(await freePort()) };
        return { environment, process: await SampleProcess.start(environment) };
      }),
    );
    const sample = new MortalNodesSample(postgres, redis, nodes);
    await Promise.all(nodes.map(({ process }) => process.url()));
    return sample;
  }

  origin(): string {
    return originOf(this.anyNode());
  }

  async kill(): Promise<void> {
    const node = this.anyNode();
    await node.process.kill();
    await this.launch(node);
  }

  async killBeforePublishing(traffic: InboxTraffic): Promise<void> {
    const node = this.anyNode();
    this.redis.freeze();
    await traffic.send((traffic.users[0] as PatientUser).at(originOf(node)), '*');
    await node.process.kill();
    this.redis.resume();
    await this.launch(node);
  }

  async end<T>(ask: (query: Query) => Promise<T>): Promise<T> {
    for (const { process } of this.nodes) {
      process.signal('SIGTERM');
      const end = await process.ended;
      if (end !== 0) {
        throw new Error(`A node has ended with ${end}: ${process.output}`);
      }
    }
    const client = new Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      return await ask(async (sql) => (await client.query(sql)).rows);
    } finally {
      await client.end();
    }
  }

  async destroy(): Promise<void> {
    this.redis.resume();
    await Promise.all(this.nodes.map(({ process }) => process.kill()));
    await Promise.all([this.postgres.stop(), this.redis.stop()]);
  }

  private anyNode(): Node {
    return this.nodes[randomInt(this.nodes.length)] as Node;
  }

  private async launch(node: Node): Promise<void> {
    node.process = await SampleProcess.start(node.environment);
    await node.process.url();
  }
}
