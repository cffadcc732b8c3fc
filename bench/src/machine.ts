import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

import { findNchan } from './peers/nchan.js';

const packages = [
  '@nestcast/sse',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  'fastify',
  '@fastify/sse',
  'better-sse',
  'ioredis',
];

/** What the figures were measured on. */
export function machine(): { cpu: string; cores: number; memoryGigabytes: number; kernel: string } {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: release().split('-')[0] ?? '',
  };
}

/** Of everything that takes part; `nginx` is missing where it isn't installed with nchan. */
export function versions(): Record<string, string> {
  const found = findNchan();
  return {
    node: process.versions.node,
    ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
    ...(found && { nginx: nginxVersion(found.nginx), nchan: nchanVersion() }),
  };
}

function versionOf(name: string): string {
  // Not every package exports its package.json.
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const text = tryTo(() => readFileSync(join(folder, name, 'package.json'), 'utf8'));
    if (text !== undefined) {
      return (JSON.parse(text) as { version: string }).version;
    }
  }
  return 'unknown';
}

function nginxVersion(nginx: string): string {
  const text = tryTo(() => execFileSync('sh', ['-c', `${nginx} -v 2>&1`], { encoding: 'utf8' }));
  return /nginx\/(\S+)/.exec(text ?? '')?.[1] ?? 'unknown';
}

/** The module itself doesn't tell; Debian's package does. */
function nchanVersion(): string {
  const args = ['-W', '-f', '${Version}', 'libnginx-mod-nchan'];
  return (
    tryTo(() =>
      execFileSync('dpkg-query', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) ?? 'unknown'
  );
}

function tryTo<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch {
    return undefined;
  }
}
