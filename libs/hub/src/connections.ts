import { type Observable, Subject } from 'rxjs';
import type { Clock } from './clock.js';
import { type ConnectionFilter, assertFilter, matches } from './connection-filter.js';
import { HubConnection } from './delivery/hub-connection.js';
import type { ConnectionContext } from './delivery/connection-context.js';
import type { ConnectionInit } from './delivery/connection-init.js';
import { type CountSnapshot, HubStats } from './hub-stats.js';
import { IsolatedObservable } from './isolated-observable.js';
import type { LifecycleEvent } from './lifecycle-event.js';
import type { CloseReason } from './protocol/control-event.js';
import { Revocations } from './revocations.js';

/** All connections of one node, from the request to the last byte. */
export class Connections {
  /** Opens and closes, each connection once. What a subscriber throws is reported. */
  readonly lifecycle$: Observable<LifecycleEvent<HubConnection>>;
  readonly counters = new HubStats();

  private readonly context: ConnectionContext<HubConnection>;
  private readonly revocations: Revocations;
  private readonly lifecycle = new Subject<LifecycleEvent<HubConnection>>();
  /** What subscribers are being told, and what has happened meanwhile. */
  private readonly untold: LifecycleEvent<HubConnection>[] = [];
  private readonly open = new Map<string, HubConnection>();
  /** Closed, but not flushed yet. */
  private readonly closing = new Set<HubConnection>();

  constructor(
    clock: Clock,
    private readonly onError: (error: unknown, what: string) => void,
    /** Told when the first connection has come, and when the last has gone. */
    private readonly onPopulated: (populated: boolean) => void,
    rightsMs?: number,
  ) {
    this.revocations = new Revocations(clock, rightsMs);
    this.context = {
      clock,
      startedAt: clock.now(),
      onOpen: (connection) => this.opened(connection),
      onClose: (connection, reason, wasOpen, error) => this.closed(connection, reason, wasOpen, error),
      onGap: (reason) => this.counters.gap(reason),
      onError,
    };
    this.lifecycle$ = new IsolatedObservable(this.lifecycle, onError, 'a subscriber of lifecycle$');
  }

  add(init: ConnectionInit): HubConnection {
    const connection = new HubConnection(this.context, init);
    if (init.entitledAt !== undefined && this.revocations.since(init.entitledAt, connection)) {
      connection.abandon('revoked');
    }
    if (!connection.closed) {
      this.open.set(connection.id, connection);
      if (this.open.size === 1) {
        this.onPopulated(true);
      }
    }
    return connection;
  }

  get(id: string): HubConnection | undefined {
    return this.open.get(id);
  }

  /** How many are not closed. */
  get size(): number {
    return this.open.size;
  }

  /** Those that are not closed. */
  list(): HubConnection[] {
    return [...this.open.values()];
  }

  /** Those whose client still has to read the end of its stream. */
  ending(): HubConnection[] {
    return [...this.closing];
  }

  /** @throws SseError `INVALID_OPTION` if the filter names nothing, or something that is unknown or empty */
  select(filter: ConnectionFilter): HubConnection[] {
    assertFilter(filter);
    return this.list().filter((connection) => matches(connection, filter));
  }

  /** The same, for them to lose their right: so does whoever has had it before, and is still on the way. */
  revoke(filter: ConnectionFilter): HubConnection[] {
    const selected = this.select(filter);
    this.revoked(filter, this.context.clock.now());
    return selected;
  }

  /** Rights were taken back, at a time in milliseconds since the Unix epoch. */
  revoked(filter: ConnectionFilter, at: number): void {
    this.revocations.add(filter, at);
  }

  /** @param channels how many have a listener on this node */
  stats(channels: number): CountSnapshot {
    return this.counters.snapshot(this.open.values(), this.closing, channels);
  }

  /** Ends {@link lifecycle$}. */
  complete(): void {
    this.lifecycle.complete();
  }

  private opened(connection: HubConnection): void {
    this.counters.opens += 1;
    this.tell({ kind: 'open', connection });
  }

  private closed(connection: HubConnection, reason: CloseReason, wasOpen: boolean, error: unknown): void {
    if (this.open.delete(connection.id) && this.open.size === 0) {
      this.onPopulated(false);
    }
    if (!wasOpen) {
      return;
    }
    this.closing.add(connection);
    connection.transport.onOver({ over: () => this.flushed(connection) });
    this.counters.close(connection, reason, this.context.clock.now());
    this.tell({ kind: 'close', connection, reason, ...(error !== undefined && { error }) });
    if (error !== undefined) {
      this.onError(error, `the stream of the connection ${connection.id}`);
    }
  }

  /** In the order in which it has happened: what a subscriber causes is told when all have heard of the cause. */
  private tell(event: LifecycleEvent<HubConnection>): void {
    this.untold.push(event);
    if (this.untold.length > 1) {
      return;
    }
    for (let next: LifecycleEvent<HubConnection> | undefined = event; next; [next] = this.untold) {
      this.lifecycle.next(next);
      this.untold.shift();
    }
  }

  private flushed(connection: HubConnection): void {
    this.closing.delete(connection);
    this.counters.flushed(connection);
  }
}
