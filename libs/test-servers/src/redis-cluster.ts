import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { RedisServer } from './redis-server.js';

const SLOTS = 16_384;
const MASTERS = 3;
/** How long a node may be silent until the others take it for dead. */
const NODE_TIMEOUT_MS = 1_000;
const READY_WITHIN_MS = 20_000;

/** A Redis Cluster of three masters, and one replica of the master that has a key's slot. */
export class RedisCluster {
  private constructor(
    /** The masters that it has begun with. */
    readonly masters: readonly RedisServer[],
    /** The one that has the key's slot. */
    readonly master: RedisServer,
    readonly replica: RedisServer,
  ) {}

  static async start(key: string): Promise<RedisCluster> {
    const buses = await Promise.all(Array.from({ length: MASTERS + 1 }, freePort));
    const servers = await Promise.all(
      buses.map((bus) =>
        RedisServer.start({
          config: {
            'cluster-enabled': 'yes',
            'cluster-port': String(bus),
            'cluster-node-timeout': String(NODE_TIMEOUT_MS),
            'cluster-announce-ip': '127.0.0.1',
          },
        }),
      ),
    );
    const [replica, ...masters] = servers as [RedisServer, ...RedisServer[]];
    const share = Math.ceil(SLOTS / MASTERS);
    await Promise.all(
      masters.map((server, index) => {
        const last = Math.min(SLOTS, (index + 1) * share) - 1;
        return server.command('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(last));
      }),
    );
    for (const [index, { port }] of servers.entries()) {
      await replica.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(buses[index]));
    }
    await Promise.all(servers.map((server) => answers(server, /cluster_state:ok/, 'INFO')));
    const slot = Number((await replica.command('CLUSTER', 'KEYSLOT', key)).slice(1));
    const master = masters[Math.floor(slot / share)] as RedisServer;
    const id = /\w{40}/.exec(await master.command('CLUSTER', 'MYID'))?.[0] ?? '';
    await answers(replica, new RegExp(id), 'NODES');
    await replica.command('CLUSTER', 'REPLICATE', id);
    await Promise.all(servers.map((server) => answers(server, new RegExp(`slave ${id}`), 'NODES')));
    await until(async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'));
    return new RedisCluster(masters, master, replica);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.masters, this.replica].map((server) => server.stop()));
  }
}

const answers = (server: RedisServer, what: RegExp, ...question: string[]): Promise<void> =>
  until(async () => what.test(await server.command('CLUSTER', ...question)));

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + READY_WITHIN_MS;
  while (!(await holds())) {
    if (performance.now() > end) {
      throw new Error(`The Redis Cluster has not come about within ${READY_WITHIN_MS} ms.`);
    }
    await wait(20);
  }
}
