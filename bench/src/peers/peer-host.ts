import { setImmediate } from 'node:timers/promises';

import { answer } from '../remote.js';
import { type EventSize, benchEvent } from './bench-event.js';
import type { Peer, PeerSetup } from './peer.js';
import { type PeerName, peers } from './peers.js';

/** Users that are published to in one turn of the event loop, where each has a channel of their own. */
const USERS_A_TURN = 100;

let peer: Peer;
let published = 0;
let peakResident = 0;

function resident(): number {
  return peer.residentBytes?.() ?? process.memoryUsage.rss();
}

/** What a peer's process can be asked for. */
const api = {
  async start({ name, setup }: { name: PeerName; setup: PeerSetup }): Promise<number> {
    peer = await (await peers[name]())(setup);
    return peer.port;
  },

  /** Forgets what was published; for the next connections events are counted from 1 again. */
  reset(): void {
    published = 0;
    peakResident = 0;
  },

  /** Publishes to everybody, in one turn of the event loop. */
  publish({ count, size }: { count: number; size: EventSize }): void {
    const events = [];
    for (let i = 0; i < count; i += 1) {
      published += 1;
      events.push(benchEvent(published, size));
    }
    peer.publish(events);
    peakResident = Math.max(peakResident, resident());
  },

  /** Publishes events to a channel that nobody listens to, so many at once, and resolves when all are in the log. */
  async publishMany({ count, atOnce }: { count: number; atOnce: number }): Promise<void> {
    for (let done = 0; done < count; done += atOnce) {
      const events = Array.from({ length: atOnce }, (_, index) => benchEvent(done + index + 1, 'small'));
      await peer.publishMany?.(events);
    }
  },

  /** Publishes an event to each user's own channel, 100 users a turn. */
  async publishToEach({ users }: { users: number }): Promise<void> {
    published += 1;
    for (let user = 0; user < users; user += 1) {
      peer.publishTo?.(user, benchEvent(published, 'small', user));
      if (user % USERS_A_TURN === USERS_A_TURN - 1) {
        await setImmediate();
      }
    }
  },

  /** Resolves when there are this many open streams. */
  async connections(count: number): Promise<void> {
    const deadline = performance.now() + 20_000;
    let now = await peer.connections();
    while (now !== count) {
      if (performance.now() > deadline) {
        throw new Error(`${now} streams instead of ${count}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
      now = await peer.connections();
    }
  },

  /** CPU time of all threads of the server since its start, in microseconds. */
  cpuUs(): number {
    const { user, system } = process.cpuUsage();
    return peer.cpuUs?.() ?? user + system;
  },

  /** After a forced collection. `used`: heap and external memory; 0 where the server isn't Node. Bytes. */
  memory(): { resident: number; used: number } {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return { resident: resident(), used: peer.residentBytes ? 0 : heapUsed + external };
  },

  /** The most that was resident right after a publication since the last reset, in bytes. */
  peakResident(): number {
    return peakResident;
  },

  async stop(): Promise<void> {
    await peer.close();
    // After the answer has left.
    setTimeout(() => process.exit(0), 20);
  },
};

export type PeerApi = typeof api;

answer(api);
