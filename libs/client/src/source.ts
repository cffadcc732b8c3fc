import type { Block } from './event-stream.js';
import type { ResolvedOptions } from './options.js';
import type { ConnectionState } from './snapshot.js';
import type { Stats } from './stats.js';

/** Where a client's events come from: a connection of its own, or the one that all tabs share. */
export interface Source {
  /** Begins, from the cursor; nothing if it has. */
  open(this: void): void;
  /** Ends at once: nothing of it stays, and nothing more comes. */
  close(this: void): void;
  /** Connects anew, without waiting. */
  reconnect(this: void): void;
}

/** The client, as its source sees it. */
export interface Sink {
  /** What has come, in order; control events as well. */
  block(block: Block): void;
  change(state: Partial<ConnectionState>): void;
  /** The answer to a poll is complete; another follows unless it's closed. */
  polled?(this: void): void;
  /** Settles once more can be taken; `undefined`: now. */
  ready(): Promise<unknown> | undefined;
}

/** The place up to which a client has had everything: the last event id, empty to begin with. */
export interface Cursor {
  readonly id: string;
  move(id: string): void;
  /** The stream has come to its end: a page that is loaded anew begins at the beginning. */
  forget(): void;
}

/** What a source is made with. */
export interface SourceContext {
  readonly options: ResolvedOptions;
  readonly cursor: Cursor;
  readonly sink: Sink;
  readonly stats: Stats;
}
