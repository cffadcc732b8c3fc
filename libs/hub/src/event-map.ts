import type { SseEvent } from './event.js';

/**
 * What may be published of the events in a map: each type with its own data. The map is an interface that server and clients have in
 * common, with the data of each type of event as it is in JSON: `{ 'order.paid': { id: string }; message: string }`. `message` is
 * what clients dispatch an event without a type as. `object`, the default everywhere, has no types: any event may be published.
 */
export type SseEventOf<Events extends object> = [keyof Events] extends [never]
  ? SseEvent
  : { [Type in keyof Events & string]: TypedEvent<Type, Events[Type]> }[keyof Events & string];

type TypedEvent<Type extends string, Data> = Omit<SseEvent, 'type' | 'data'> & {
  readonly data: Data;
} & (Type extends 'message' ? { readonly type?: Type } : { readonly type: Type });
