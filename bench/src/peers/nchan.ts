import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import type { BenchEvent } from './bench-event.js';
import type { Peer, StartPeer } from './peer.js';

const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';

/** Where nginx and its module nchan are; `undefined`: not both of them are installed. */
export function findNchan(): { nginx: string; module: string } | undefined {
  const nginx = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, 'nginx'))
    .find((file) => existsSync(file));
  return nginx !== undefined && existsSync(MODULE) ? { nginx, module: MODULE } : undefined;
}

/** nginx with nchan: one worker, published to over one kept-alive connection by this process, whose CPU isn't counted. */
export const startNchan: StartPeer = async ({ serverCore }) => {
  const found = findNchan();
  if (!found) {
    throw new Error('nginx with nchan is not installed');
  }
  const scratch = mkdtempSync(join(tmpdir(), 'nestcast-bench-nchan-'));
  const port = await freePort();
  writeFileSync(join(scratch, 'nginx.conf'), config(port, found.module, scratch));
  const args = ['-p', scratch, '-c', join(scratch, 'nginx.conf'), '-e', join(scratch, 'error.log')];
  const pinned =
    serverCore === undefined
      ? [found.nginx, ...args]
      : ['taskset', '-c', String(serverCore), found.nginx, ...args];
  const master = spawn(pinned[0] as string, pinned.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
  // However this process ends: nginx would outlive it.
  process.once('exit', () => {
    master.kill('SIGTERM');
    rmSync(scratch, { recursive: true, force: true });
  });
  const publisher = await connected(port);
  publisher.on('data', () => undefined);
  const worker = await workerOf(master);
  return peer(port, master, worker, publisher);
};

function peer(port: number, master: ChildProcess, worker: number, publisher: Socket): Peer {
  return {
    port,
    publish: (events) => publisher.write(events.map((event) => post('orders', event)).join('')),
    publishTo: (user, event) => publisher.write(post(`user-${user}`, event)),
    connections: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/status`);
      return Number(/subscribers: (\d+)/.exec(await response.text())?.[1]);
    },
    cpuUs: () => Number(readFileSync(`/proc/${worker}/schedstat`, 'utf8').split(' ')[0]) / 1_000,
    residentBytes: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))?.[1]) * 1_024,
    close: async () => {
      publisher.destroy();
      const over = new Promise((resolve) => master.once('exit', resolve));
      master.kill('SIGTERM');
      await over;
    },
  };
}

function post(channel: string, { type, data }: BenchEvent): string {
  const body = JSON.stringify(data);
  const head = `POST /publish/${channel} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n`;
  return `${head}X-EventSource-Event: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function config(port: number, module: string, scratch: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${scratch}/${name};`)
    .join('\n  ');
  return `load_module ${module};
daemon off;
worker_processes 1;
pid ${scratch}/nginx.pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
error_log ${scratch}/error.log warn;
worker_rlimit_nofile 20000;
events { worker_connections 19000; }
http {
  ${paths}
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  nchan_shared_memory_size 256M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /stream {
      nchan_subscriber eventsource;
      nchan_subscriber_first_message newest;
      nchan_channel_id orders;
    }
    location ~ ^/user/(\\d+)/stream$ {
      nchan_subscriber eventsource;
      nchan_subscriber_first_message newest;
      nchan_channel_id user-$1;
    }
    location ~ ^/publish/(.+)$ {
      nchan_publisher;
      nchan_channel_id $1;
      nchan_message_buffer_length 1000;
      nchan_message_timeout 600s;
    }
    location = /status { nchan_stub_status; }
    location = /ping { return 200 pong; }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** nginx tells nobody when it listens: asked until it answers. */
async function connected(port: number, attempts = 200): Promise<Socket> {
  try {
    return await new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      socket.once('error', reject);
    });
  } catch (error) {
    if (attempts === 0) {
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
    return connected(port, attempts - 1);
  }
}

/** The master listens before its worker is there. */
async function workerOf(master: ChildProcess, attempts = 200): Promise<number> {
  const worker = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && isWorker(entry, master.pid));
  if (worker !== undefined) {
    return Number(worker);
  }
  if (attempts === 0) {
    throw new Error('nginx has no worker');
  }
  await new Promise((resolve) => setTimeout(resolve, 25));
  return workerOf(master, attempts - 1);
}

function isWorker(pid: string, parent: number | undefined): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(parent);
  } catch {
    // It has ended since the folder was listed.
    return false;
  }
}
