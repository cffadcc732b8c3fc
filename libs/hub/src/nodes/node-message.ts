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

/**
 * @returns `undefined` for a kind that only another version of the library knows
 * @throws TypeError if it isn't what a node says, or not all of it
 */
export function readMessage({ data }: BrokerEvent): NodeMessage | undefined {
  const message: unknown = JSON.parse(data ?? 'null');
  if (!isObject(message) || !isText(message['kind']) || !isText(message['node'])) {
    throw new TypeError('It is not what a node says.');
  }
  const { kind } = message;
  if (!Object.hasOwn(understood, kind)) {
    return undefined;
  }
  if (!understood[kind as NodeMessage['kind']](message)) {
    throw new TypeError(`The node ${message['node']} says what this version does not understand (${kind}).`);
  }
  return message as unknown as NodeMessage;
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether a message of each kind has what it needs. */
const understood: Readonly<Record<NodeMessage['kind'], (message: Fields) => boolean>> = {
  change: ({ id, change }) =>
    isText(id) && isObject(change) && (change['kind'] === 'disconnect' || change['kind'] === 'unsubscribe'),
  presence: ({ id, channel }) => isText(id) && isText(channel),
  answer: ({ id, answer }) => isText(id) && isObject(answer),
  alive: ({ connections }) => Number.isSafeInteger(connections),
  gone: () => true,
};

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
