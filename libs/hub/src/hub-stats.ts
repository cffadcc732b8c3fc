import type { Connection } from './delivery/connection.js';
import type { RefusalCause } from './limits/refusal-cause.js';
import type { ProcessFigures, RateFigures } from './node-figures.js';
import type { PressureFigures } from './pressure/pressure.js';
import type { CloseReason, GapData } from './protocol/control-event.js';

/** Figures of one node since its start, as a plain object. */
export interface StatsSnapshot {
  /** Open now. */
  readonly connections: number;
  /** Open now and reading too slowly. */
  readonly lagging: number;
  /** With a listener on this node now. */
  readonly channels: number;
  /** Events given to the broker; a batch of events is one. */
  readonly published: number;
  /** Events sent, one for each connection that got it. */
  readonly delivered: number;
  /** Bytes of all bodies on the wire. */
  readonly bytes: number;
  readonly opens: number;
  readonly closes: Readonly<Record<CloseReason, number>>;
  /** Requests that got no stream, each counted once, by what stood against it. */
  readonly refusals: Readonly<Record<RefusalCause, number>>;
  /** Gaps that clients were told. */
  readonly gaps: Readonly<Record<GapData['reason'], number>>;
  /** How long those that are closed were open; milliseconds, 0 if there are none. */
  readonly averageDurationMs: number;
  /** By the second. */
  readonly rates: RateFigures;
  readonly process: ProcessFigures;
  readonly pressure: PressureFigures;
}

/** What connections and counters tell. */
export type CountSnapshot = Omit<StatsSnapshot, 'rates' | 'process' | 'pressure'>;

/** The counters of one hub. What open connections have sent is added when it is asked for, not for every event. */
export class HubStats {
  published = 0;
  opens = 0;
  private delivered = 0;
  private bytes = 0;
  private readonly closes: Record<CloseReason, number> = {
    client: 0,
    server: 0,
    drain: 0,
    expired: 0,
    'max-age': 0,
    overflow: 0,
    revoked: 0,
    complete: 0,
    answered: 0,
    error: 0,
  };
  private readonly refusals: Record<RefusalCause, number> = {
    total: 0,
    perUser: 0,
    perIp: 0,
    perChannel: 0,
    opensPerMinute: 0,
    drain: 0,
    pressure: 0,
  };
  private readonly gaps: Record<GapData['reason'], number> = {
    trimmed: 0,
    epoch: 0,
    'unknown-id': 0,
    lost: 0,
    overflow: 0,
  };
  private closed = 0;
  private durationMs = 0;

  refused(cause: RefusalCause): void {
    this.refusals[cause] += 1;
  }

  gap(reason: GapData['reason']): void {
    this.gaps[reason] += 1;
  }

  /** @param now milliseconds since the Unix epoch */
  close(connection: Connection, reason: CloseReason, now: number): void {
    this.closes[reason] += 1;
    this.closed += 1;
    this.durationMs += now - connection.openedAt;
    this.delivered += connection.messages;
  }

  /** Once a closed connection's last byte is out: its goodbye, and what its encoder still had, are in it. */
  flushed({ bytes }: Connection): void {
    this.bytes += bytes;
  }

  /** @param closing closed, but not flushed yet */
  snapshot(open: Iterable<Connection>, closing: Iterable<Connection>, channels: number): CountSnapshot {
    const now = { connections: 0, lagging: 0, delivered: this.delivered, bytes: this.bytes };
    for (const connection of open) {
      now.connections += 1;
      now.lagging += connection.state === 'lagging' ? 1 : 0;
      now.delivered += connection.messages;
      now.bytes += connection.bytes;
    }
    for (const { bytes } of closing) {
      now.bytes += bytes;
    }
    const { published, opens } = this;
    const [closes, refusals, gaps] = [{ ...this.closes }, { ...this.refusals }, { ...this.gaps }];
    const averageDurationMs = this.closed === 0 ? 0 : this.durationMs / this.closed;
    return { ...now, channels, published, opens, closes, refusals, gaps, averageDurationMs };
  }
}
