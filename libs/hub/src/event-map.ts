import type { SseEvent } from './event.js';

/**
 * Any event: the default, which checks nothing. A map of one's own is an interface with the data of each type of event, as it is in
 * JSON: `{ 'order.paid': { id: string }; message: string }`. `message` is what clients dispatch an event without a type as.
 */
export type AnyEvents = Readonly<Record<string, unknown>>;

/** What may be published of the events in a map: each type with its own data. */
export type SseEventOf<Events extends object> = string extends keyof Events
  ? SseEvent
  : { [Type in keyof Events & string]: TypedEvent<Type, Events[Type]> }[keyof Events & string];

type TypedEvent<Type extends string, Data> = Omit<SseEvent, 'type' | 'data'> & {
  readonly data: Data;
} & (Type extends 'message' ? { readonly type?: Type } : { readonly type: Type });
