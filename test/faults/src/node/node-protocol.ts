import type { RedisBrokerOptions } from '@nestcast/redis';
import type { ConnectionFilter, DisconnectReason, Presence } from '@nestcast/sse';

/** How an application node is started; its only argument, as JSON. */
export interface NodeSettings {
  readonly adapter: 'express' | 'fastify';
  /** 0 for a free one. */
  readonly port: number;
  readonly broker: BrokerSettings;
  /** Milliseconds; default: the module's. */
  readonly heartbeatMs?: number;
  /** What the node does wrong on the wire, for the harness to be tried on. */
  readonly mischief?: Mischief;
}

export type BrokerSettings =
  | { readonly kind: 'memory' }
  | ({ readonly kind: 'redis' } & Pick<RedisBrokerOptions, 'url' | 'sentinel' | 'leaseMs'>);

/** Once in {@link MISCHIEF_EVERY} events of a stream. */
export type Mischief = 'lose' | 'double' | 'swap';
export const MISCHIEF_EVERY = 50;

/** What the parent may ask of a node. */
export interface NodeCommands {
  /** @returns the event's id */
  publish(channel: string, data: string): Promise<string>;
  /** Keeps the event loop busy. */
  block(ms: number): void;
  presence(channel: string): Promise<Presence[]>;
  disconnect(filter: ConnectionFilter, reason?: DisconnectReason): Promise<number>;
  /** How many streams are open on this node. */
  connections(): number;
  /** Bytes in use after a collection. */
  heap(): number;
}

export type CommandName = keyof NodeCommands;

export interface Call {
  readonly call: number;
  readonly name: CommandName;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly call: number; readonly value: unknown }
  | { readonly call: number; readonly error: { readonly message: string; readonly code?: string } };

/** A node's first message. */
export interface Listening {
  readonly port: number;
}
