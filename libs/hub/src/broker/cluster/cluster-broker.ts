import type { EventId, EventRecord } from '../../event.js';
import { SseError } from '../../sse-error.js';
import type {
  Broker,
  BrokerContext,
  BrokerFactory,
  BrokerHealth,
  BrokerSink,
  BrokerStats,
  InterruptionListener,
  NodeLoads,
  Replay,
  ReplayStart,
  Unsubscribe,
} from '../broker.js';
import { ChannelSinks } from './channel-sinks.js';
import { IpcLink, type Link } from './link.js';
import { Primary } from './primary.js';
import { type ToNode, packRecord, unpackEvent, unpackReplay } from './protocol.js';
import { WorkerLeases } from './worker-leases.js';

/**
 * The engine for several processes on one machine: each worker of `node:cluster` talks to its primary, which numbers the
 * events, keeps the log in its memory, and counts the limits. The log lives as long as the primary, whatever becomes of the
 * workers. All brokers of all workers are nodes of one log, and have to be given the same `history`.
 *
 * The primary has to be one that {@link runCluster} or {@link serveClusterBroker} was called in.
 *
 * @throws SseError `INVALID_OPTION`, when the application starts, in a process that nobody has forked
 */
export function clusterBroker(): BrokerFactory {
  return (context) => {
    if (!process.send) {
      throw new SseError(
        'INVALID_OPTION',
        'clusterBroker() needs a process that a primary has forked: start the application with runCluster(bootstrap) in main.ts, or take memoryBroker() for one process.',
      );
    }
    brokers += 1;
    return new ClusterBroker(context, new IpcLink(process), brokers);
  };
}

/** Brokers of this process so far. */
let brokers = 0;

/** A node's end of a cluster's broker. */
export class ClusterBroker implements Broker {
  readonly shared = true;
  readonly leases: WorkerLeases;
  readonly loads: NodeLoads = {
    report: (connections) => this.primary.ask('load', { connections }),
  };

  private readonly primary: Primary;
  private readonly channels: ChannelSinks;
  private closing: Promise<void> | undefined;

  /** @param number which of those that share the link it is; its load is compared with those of the same number */
  constructor({ history, clock, onError }: BrokerContext, link: Link, number = 1) {
    this.primary = new Primary(link, number, clock, (frame) => this.take(frame));
    this.channels = new ChannelSinks(this.primary);
    this.leases = new WorkerLeases(this.primary);
    this.primary.ask('hello', { history }).catch((error: SseError) => {
      // A primary that is away is told of by whatever else is asked.
      if (error.code === 'INVALID_OPTION') {
        this.primary.end(error);
        onError(error, 'joining the cluster');
      }
    });
  }

  publish(channel: string, event: EventRecord): Promise<EventId> {
    const record = packRecord(event);
    return this.primary.ask('publish', { channel, record }, undefined, event.data?.length);
  }

  subscribe(channel: string, sink: BrokerSink, onInterruption?: InterruptionListener): Promise<Unsubscribe> {
    return this.channels.add(channel, { sink, onInterruption });
  }

  async replay(channels: readonly string[], from: ReplayStart, limit: number): Promise<Replay> {
    return unpackReplay(await this.primary.ask('replay', { channels, from, limit }));
  }

  spendOnce(key: string, ttlMs: number): Promise<boolean> {
    return this.primary.ask('spendOnce', { key, ttlMs });
  }

  stats(): Promise<BrokerStats> {
    return this.primary.ask('stats', {});
  }

  async health(): Promise<BrokerHealth> {
    try {
      await this.primary.ask('ping', {});
      return { up: true };
    } catch (error) {
      return { up: false, detail: (error as SseError).message };
    }
  }

  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  private async leave(): Promise<void> {
    await this.primary.leave(
      new SseError(
        'BROKER_CLOSED',
        'The broker is closed; publish and subscribe before the application closes.',
      ),
    );
    this.channels.clear();
  }

  private take(frame: Exclude<ToNode, { kind: 'answer' | 'failure' }>): void {
    switch (frame.kind) {
      case 'events':
        frame.events.forEach((event) => this.channels.event(unpackEvent(event)));
        return;
      case 'interruption':
        this.channels.interrupt(frame.channels);
        return;
      case 'evict':
        this.leases.evict(frame.lease, frame.limit);
    }
  }
}
