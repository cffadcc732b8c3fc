import type { SseClientError } from '../sse-client-error.js';

/** An `error` event: the standard's, with the reason, which a browser tells to nobody. */
export interface EventSourceErrorEvent extends Event {
  /** `NETWORK`: it reconnects. `HTTP_STATUS`, `NOT_AN_EVENT_STREAM`, `EVENT_TOO_LARGE`: it is closed. */
  readonly error: SseClientError;
}

/** A MessageEvent of text; like this TypeScript knows it by Node.js's types as well, where `MessageEvent` is not generic. */
export interface EventSourceMessageEvent extends Omit<MessageEvent, 'data'> {
  readonly data: string;
}

/** What the standard dispatches at an EventSource. */
export interface EventSourceEventMap {
  open: Event;
  message: EventSourceMessageEvent;
  error: EventSourceErrorEvent;
}

type Callback<Source, Given extends Event> = ((this: Source, event: Given) => unknown) | null;

/** What an attribute `onopen`, `onmessage` or `onerror` is set to. */
export type Handler<Source, Type extends keyof EventSourceEventMap> = Callback<
  Source,
  EventSourceEventMap[Type]
>;

/** As it is read: like this it stands where a browser's own is expected. */
export type SomeHandler = Callback<unknown, Event>;

/** An EventTarget whose events are known: those of the standard, and messages of the server's types. */
export interface TypedEventTarget<Source> {
  addEventListener<Type extends string>(
    type: Type,
    listener: Callback<Source, EventOf<Type>> | { handleEvent(event: EventOf<Type>): void },
    options?: boolean | { capture?: boolean; once?: boolean; passive?: boolean; signal?: AbortSignal },
  ): void;
  removeEventListener<Type extends string>(
    type: Type,
    listener: Callback<Source, EventOf<Type>> | { handleEvent(event: EventOf<Type>): void },
    options?: boolean | { capture?: boolean },
  ): void;
  dispatchEvent(event: Event): boolean;
}

type EventOf<Type extends string> = Type extends keyof EventSourceEventMap
  ? EventSourceEventMap[Type]
  : EventSourceMessageEvent;
