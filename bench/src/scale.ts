import type { PeerName } from './peers/peers.js';

/** How much is done. Times in milliseconds. */
export interface Scale {
  readonly rounds: number;
  readonly fanOut: { readonly connections: readonly number[]; readonly perTurn: readonly number[] };
  /** How long a closed loop is measured at least. */
  readonly measureMs: number;
  /** How long it runs before, the first time in a process. */
  readonly warmUpMs: number;
  readonly paced: { readonly connections: number; readonly seconds: number };
  readonly users: number;
  readonly gzipConnections: number;
  readonly stalled: { readonly connections: number; readonly megabytes: number };
  readonly opening: { readonly connections: number; readonly warmUp: number };
  readonly idleConnections: number;
  readonly ping: { readonly connections: number; readonly seconds: number };
  readonly redis: {
    /** Of each node. */
    readonly connections: number;
    readonly publishes: number;
    /** Publishes that are on their way at once. */
    readonly atOnce: number;
  };
  /** Left out unless asked for by name. */
  readonly without: readonly PeerName[];
}

export const scales = {
  full: {
    rounds: 3,
    fanOut: { connections: [1_000, 5_000, 15_000], perTurn: [1, 20] },
    measureMs: 1_200,
    warmUpMs: 600,
    paced: { connections: 5_000, seconds: 3 },
    users: 10_000,
    gzipConnections: 1_000,
    stalled: { connections: 1_000, megabytes: 16 },
    opening: { connections: 5_000, warmUp: 500 },
    idleConnections: 10_000,
    ping: { connections: 10_000, seconds: 2.5 },
    redis: { connections: 1_000, publishes: 20_000, atOnce: 200 },
    without: [],
  },
  quick: {
    rounds: 3,
    fanOut: { connections: [1_000, 5_000], perTurn: [1, 20] },
    measureMs: 200,
    warmUpMs: 200,
    paced: { connections: 2_000, seconds: 1 },
    users: 2_000,
    gzipConnections: 300,
    stalled: { connections: 100, megabytes: 8 },
    opening: { connections: 1_000, warmUp: 500 },
    idleConnections: 2_000,
    ping: { connections: 2_000, seconds: 1 },
    redis: { connections: 300, publishes: 6_000, atOnce: 200 },
    without: ['better-sse', 'fastify-sse'],
  },
  smoke: {
    rounds: 1,
    fanOut: { connections: [20], perTurn: [1, 20] },
    measureMs: 20,
    warmUpMs: 0,
    paced: { connections: 20, seconds: 0.2 },
    users: 20,
    gzipConnections: 20,
    stalled: { connections: 20, megabytes: 16 },
    opening: { connections: 20, warmUp: 5 },
    idleConnections: 20,
    ping: { connections: 20, seconds: 0.2 },
    redis: { connections: 20, publishes: 100, atOnce: 50 },
    without: [],
  },
} satisfies Record<string, Scale>;

export type ScaleName = keyof typeof scales;
