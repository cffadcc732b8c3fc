import type { BenchEvent } from './bench-event.js';

/** Where a peer answers; all of them alike. */
export const paths = {
  /** Everybody's events. */
  stream: '/stream',
  /** The same, compressed with gzip. */
  gzip: '/gzip/stream',
  /** One user's own; `{n}` is the user's number. */
  user: '/user/{n}/stream',
  /** Any other request. */
  ping: '/ping',
} as const;

/** A server that does the work of the bench, in a process of its own. */
export interface Peer {
  readonly port: number;
  /** Sends events to everybody, in one turn of the event loop. */
  publish(events: readonly BenchEvent[]): void;
  /** Sends an event to one user's connections. */
  publishTo?(user: number, event: BenchEvent): void;
  /** Publishes events at once, and resolves when all are in the log. */
  publishMany?(events: readonly BenchEvent[]): Promise<void>;
  /** Open streams that would get an event now. */
  connections(): number | Promise<number>;
  /** Where the server is another process than this one: its CPU time since it began, in microseconds. */
  cpuUs?(): number;
  /** Where the server is another process: what it has resident, in bytes. */
  residentBytes?(): number;
  close(): void | Promise<void>;
}

export interface PeerSetup {
  /** The core that a server process is to be pinned to; `undefined`: none. */
  readonly serverCore: number | undefined;
  /** Of the peers over Redis. */
  readonly redisUrl: string | undefined;
}

export type StartPeer = (setup: PeerSetup) => Promise<Peer>;
