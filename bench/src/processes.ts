import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ClusterBrokerServer } from '@nestcast/hub';

import type { LoadApi } from './load/load.js';
import type { PeerApi } from './peers/peer-host.js';
import type { PeerName } from './peers/peers.js';
import { type Remote, remote } from './remote.js';

/** Which core servers and which one the load run on; `undefined`: they aren't pinned. */
export interface Cores {
  readonly server: number | undefined;
  readonly load: number | undefined;
}

/** A core for the server and one for everything else, where there are two and taskset can pin to them. */
export function findCores(): Cores {
  const list = /Cpus_allowed_list:\s*(\S+)/.exec(read('/proc/self/status'))?.[1] ?? '';
  const cores = list.split(',').flatMap((range) => {
    const [from = NaN, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  const works = cores.length > 1 && spawnSync('taskset', ['--version']).status === 0;
  return works ? { server: cores[0], load: cores[1] } : { server: undefined, load: undefined };
}

/** Puts this process beside the load, and before it where that is permitted: it sets the pace. */
export function pinSelf({ load }: Cores): void {
  if (load !== undefined) {
    pin(process.pid, load);
  }
  try {
    setPriority(-10);
  } catch {
    // Only root may.
  }
}

/** Puts all threads of a process on one core. */
export function pin(pid: number, core: number): void {
  spawnSync('taskset', ['-a', '-p', '-c', String(core), String(pid)]);
}

/** A process and how to end it. */
export interface Running<T> {
  readonly ask: T;
  /** Resolves when it has ended. */
  end(): Promise<void>;
}

/** What is measured: a process, or several nodes together. */
export interface RunningPeer extends Running<Omit<Remote<PeerApi>, 'start' | 'stop'>> {
  readonly name: PeerName;
  /** Of each of its nodes. */
  readonly ports: readonly [number, ...number[]];
}

export interface PeerOptions {
  readonly cores: Cores;
  readonly profileTo: string | undefined;
  readonly redisUrl: string | undefined;
  /** The primary of the peers in a cluster. */
  readonly primary: ClusterBrokerServer | undefined;
}

export async function startPeer(name: PeerName, options: PeerOptions): Promise<RunningPeer> {
  const { cores, profileTo, redisUrl, primary } = options;
  const profile = profileTo !== undefined && name.startsWith('nestcast');
  // nginx is the server then, and this process only publishes to it.
  const core = name === 'nchan' ? cores.load : cores.server;
  const child = fork(
    './peers/peer-host.js',
    ['--expose-gc', ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profileTo}`] : [])],
    core,
  );
  primary?.serve(child);
  const ask = remote<PeerApi>(child, name);
  const port = await ask.start({ name, setup: { serverCore: cores.server, redisUrl } });
  const end = async (): Promise<void> => {
    const over = new Promise((resolve) => child.once('exit', resolve));
    await ask.stop();
    await over;
  };
  return { name, ports: [port], ask, end };
}

export function startLoad(cores: Cores): Running<Remote<LoadApi>> {
  const child = fork('./load/load.js', [], cores.load);
  const end = async (): Promise<void> => {
    const over = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    await over;
  };
  return { ask: remote<LoadApi>(child, 'load'), end };
}

function fork(file: string, flags: string[], core: number | undefined): ChildProcess {
  const command = [process.execPath, ...flags, fileURLToPath(new URL(file, import.meta.url))];
  const [program = '', ...args] = core === undefined ? command : ['taskset', '-c', String(core), ...command];
  return spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
