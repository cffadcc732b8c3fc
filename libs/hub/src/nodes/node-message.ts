import type { ConnectionFilter } from '../connection-filter.js';
import type { DisconnectReason } from '../disconnect-reason.js';
import { type BrokerEvent, type EventRecord, toEventRecord } from '../event.js';
import type { Presence } from '../presence.js';

/** Where nodes speak to each other. No application's channel: its name has a control character. */
export const NODES_CHANNEL = '\u0001nodes';

/** Where a node is answered. */
export const answersChannel = (node: string): string => `${NODES_CHANNEL}/${node}`;

/** What is to be done to the connections of all nodes. */
export type Change =
  | { readonly kind: 'disconnect'; readonly filter: ConnectionFilter; readonly reason: DisconnectReason }
  | { readonly kind: 'unsubscribe'; readonly filter: ConnectionFilter; readonly channel: string };

/** What nodes tell each other; `id` is that of a question, `node` who speaks. */
export interface NodeMessages {
  /** In the log, and in one order with all events: a node that was cut off finds it there. */
  readonly change: { readonly id: string; readonly node: string; readonly change: Change };
  readonly presence: { readonly id: string; readonly node: string; readonly channel: string };
  readonly answer: { readonly id: string; readonly node: string; readonly answer: NodeAnswer };
  /** @property isNew whether it wants to hear at once who else there is */
  readonly alive: { readonly node: string; readonly connections: number; readonly isNew: boolean };
  readonly gone: { readonly node: string };
}

export type NodeMessage = {
  readonly [Kind in keyof NodeMessages]: { readonly kind: Kind } & NodeMessages[Kind];
}[keyof NodeMessages];

/** How many connections a change has reached, or who is there. */
export interface NodeAnswer {
  readonly count?: number;
  readonly presence?: readonly Presence[];
}

/** Only a change outlives its moment. */
export function messageRecord(message: NodeMessage): EventRecord {
  return toEventRecord({ type: message.kind, data: message, ephemeral: message.kind !== 'change' });
}

export function readMessage({ data }: BrokerEvent): NodeMessage {
  return JSON.parse(data ?? 'null') as NodeMessage;
}
