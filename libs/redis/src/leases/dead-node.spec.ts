import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RedisServer } from '@nestcast/test-servers';
import { eventually } from '../spec-support/eventually.js';
import { LeaseNode } from '../spec-support/lease-node.js';

const root = resolve(import.meta.dirname, '../../../..');
const HOLDER = resolve(root, 'libs/redis/dist/spec-support/lease-holder.fixture.js');
const LEASE_MS = 1_000;
const BUILD_MS = 60_000;

describe('a node that is killed', () => {
  let server: RedisServer;
  let survivor: LeaseNode;
  let holder: ChildProcess;
  const slots = (): Promise<string> => server.command('ZCARD', '{spec}:leases');
  const isRefused = async (): Promise<boolean> => {
    const outcome = await survivor.leases.take([{ key: 'a', limit: 'limit', max: 3 }]);
    return 'refused' in outcome;
  };

  beforeAll(async () => {
    // What a process of its own runs is what is built.
    await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'libs/redis'], {
      cwd: root,
    });
  }, BUILD_MS);

  beforeEach(async () => {
    server = await RedisServer.start();
    survivor = new LeaseNode(server.url, LEASE_MS);
    holder = fork(HOLDER, [server.url, 'a', '3', String(LEASE_MS)], {
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    await once(holder, 'message');
  });

  afterEach(async () => {
    holder.kill('SIGKILL');
    await survivor.close();
    expect(survivor.errors).toEqual([]);
    await server.stop();
  });

  it('loses its slots within the lease, and not while it lives', async () => {
    await new Promise((wait) => setTimeout(wait, 2 * LEASE_MS));
    expect(await isRefused()).toBe(true);
    holder.kill('SIGKILL');
    const killed = performance.now();
    await eventually(async () => !(await isRefused()));
    expect(performance.now() - killed).toBeLessThan(LEASE_MS + 100);
    // The others come back as well, and not one more.
    expect([await isRefused(), await isRefused(), await isRefused()]).toEqual([false, false, true]);
    expect(await slots()).toBe(':3');
  });

  it('loses them to nobody too: who lives sweeps them up', async () => {
    await survivor.leases.take([{ key: 'b', limit: 'limit', max: 1 }]);
    expect(await slots()).toBe(':4');
    holder.kill('SIGKILL');
    await eventually(async () => (await slots()) === ':1');
    expect(await server.command('ZCARD', '{spec}:leases:nodes')).toBe(':1');
  });
});
