import type { Clock } from '../clock.js';
import type { BrokerEvent, EventId, EventRecord } from '../event.js';
import type { LeaseStore } from '../limits/lease-store.js';

/** Takes the events of a channel, in the order of their `seq`, and must not throw. */
export type BrokerSink = (event: BrokerEvent) => void;

/**
 * Events of a channel may have been missed on the way to this node: they are in the log, or gone. What the sink is given from
 * here on is what is published later.
 */
export interface Interruption {
  /**
   * Set where events of this channel after this place may have been missed although later ones of other channels have come:
   * whoever has gone past it can't be given them in order any more, and has a gap. Otherwise everybody can go on from where
   * he is in the log, which tells him whether something is gone.
   */
  readonly lostAfter?: number;
}

/** Told of interruptions, in order with the sink's events. Must not throw. */
export type InterruptionListener = (interruption: Interruption) => void;

/** Ends a subscription; the sink is not called again once it has been called. */
export type Unsubscribe = () => Promise<void>;

/** Why events between a cursor and now can't be replayed. */
export type GapReason =
  /** The log has dropped them: too old, or too many since. */
  | 'trimmed'
  /** The cursor belongs to another life of the log. */
  | 'epoch'
  /** The cursor is none of this broker's. */
  | 'unknown-id'
  /** They got lost on the way to a node, and others have gone before them since. Only told live, never by a replay. */
  | 'lost';

export interface Replay {
  /** At most `limit` events after the cursor, in id order over all channels asked for. */
  readonly events: readonly BrokerEvent[];
  /** `false`: events between the cursor and the first of {@link events} are gone, for {@link gap}'s reason. */
  readonly complete: boolean;
  readonly gap?: { readonly reason: GapReason; readonly channels: readonly string[] };
  /** Where to go on: the last event's position or, when nothing more is there, the log's present end. */
  readonly cursor: EventId;
  /** {@link cursor} as the place in the total order, comparable with `BrokerEvent.seq`. */
  readonly seq: number;
  /** Whether more events are already there after {@link cursor}. */
  readonly more: boolean;
  /** Whether every channel asked for has ended: its newest event is final and is not after {@link cursor}. */
  readonly ended: boolean;
}

/**
 * Where a replay starts: after an id, at the channels' `start` (a gap if the log no longer has it), or `now` (which tells
 * just the cursor).
 */
export type ReplayStart = { readonly after: EventId } | 'start' | 'now';

/**
 * The engine under the channels: it gives an event its id, keeps the log, and carries the event to every node.
 *
 * The order it must keep: all events of a broker have one total order; `seq` rises along it, also where a new life of the log
 * (epoch) begins, every sink is called along it, and an event that a sink was given is found by every replay that starts
 * later.
 */
export interface Broker {
  /**
   * Atomically numbers, stores and carries an event. Resolves with its id (empty for an ephemeral event) once it is
   * in the log; an ephemeral event is carried to the sinks only.
   *
   * @throws SseError `BROKER_UNAVAILABLE` or `BROKER_CLOSED`, as a rejection: the event may be in the log then, or not
   */
  publish(channel: string, event: EventRecord): Promise<EventId>;

  /**
   * Calls `sink` with every event of the channel that is published after the promise has resolved. A broker that may miss
   * some, and can't make up for it by itself before it goes on, says so to `onInterruption`.
   *
   * @throws SseError `BROKER_UNAVAILABLE` or `BROKER_CLOSED`, as a rejection; there is no subscription then
   */
  subscribe(channel: string, sink: BrokerSink, onInterruption?: InterruptionListener): Promise<Unsubscribe>;

  /**
   * Reads the log. A cursor that can't be resumed is not an error but a gap, followed by what the log still has.
   *
   * @throws SseError `BROKER_UNAVAILABLE` or `BROKER_CLOSED`, as a rejection
   */
  replay(channels: readonly string[], from: ReplayStart, limit: number): Promise<Replay>;

  /** Lets everything go; each call after it rejects with `BROKER_CLOSED`. */
  close(): Promise<void>;

  /** Whether other nodes may use the same log: then `disconnect()` and `presence()` are for all of them. Default `false`. */
  readonly shared?: boolean;

  /** Optional capability: whether the engine answers, for readiness checks. A broker without it is always healthy. */
  health?(): Promise<BrokerHealth>;

  /** Optional capability: the connection limits, counted over all nodes. Without it each node counts its own. */
  readonly leases?: LeaseStore;

  /**
   * Optional capability: takes a key for a time, on all nodes. Of all calls with one key in its time to live exactly one
   * resolves with `true`. Without it each node remembers its own.
   *
   * @throws SseError `BROKER_UNAVAILABLE` or `BROKER_CLOSED`, as a rejection; the key may then be taken
   */
  spendOnce?(key: string, ttlMs: number): Promise<boolean>;

  /** Optional capability: how many connections each node has, for those that have far more than their share to shed some. */
  readonly loads?: NodeLoads;

  /** Optional capability: how much the log holds, for metrics. It is asked whenever metrics are collected. */
  stats?(): Promise<BrokerStats>;
}

/** How the connections are spread over the nodes of a broker. */
export interface NodeLoads {
  /**
   * Says how many connections this node has.
   *
   * @returns how many each node has that says so and is there, this one included; one that has stopped to say so is left out
   * @throws SseError `BROKER_UNAVAILABLE` or `BROKER_CLOSED`, as a rejection
   */
  report(connections: number): Promise<readonly number[]>;
}

/** What a broker's log holds. */
export interface BrokerStats {
  /** Over all channels. Those past their age may be among them until they are swept out. */
  readonly events: number;
  /** Channels that have events. */
  readonly channels: number;
}

export interface BrokerHealth {
  readonly up: boolean;
  /** What to look at when it is down. */
  readonly detail?: string;
}

/** How much of a channel the log keeps. */
export interface HistoryOptions {
  /** Events a channel; default 1,000. */
  readonly maxEvents: number;
  /** Age of an event in milliseconds; default 600,000 (10 minutes). */
  readonly maxAgeMs: number;
}

/** Makes a broker for a hub, which passes its clock and history in. */
export interface BrokerFactory {
  (context: BrokerContext): Broker;
}

export interface BrokerContext {
  readonly history: HistoryOptions;
  readonly clock: Clock;
  /** Reports what goes wrong where nobody waits for it. */
  readonly onError: (error: unknown, what: string) => void;
}
