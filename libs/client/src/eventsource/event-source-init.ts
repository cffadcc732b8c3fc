/** What an EventSource is made with: the standard's `withCredentials`, and what only this one has. */
export interface EventSourceInit {
  /** Send cookies to other origins, too, and take them; default false. */
  readonly withCredentials?: boolean;
  /** Of each request, besides those of the standard. */
  readonly headers?: RequestInit['headers'];
  /** Default `GET`. */
  readonly method?: string;
  /** Of each request; not a stream, which can't be sent twice. */
  readonly body?: Exclude<RequestInit['body'], ReadableStream>;
  /** In place of the global one; for headers that are new with each request, or a proxy. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The longest event, or line; characters, default 16,777,216. */
  readonly maxEventLength?: number;
}
