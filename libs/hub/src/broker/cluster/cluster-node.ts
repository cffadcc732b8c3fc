import type { Lease } from '../../limits/lease-store.js';
import type { NodeLeases } from '../../limits/node-leases.js';
import type { OneTimeKeys } from '../../one-time-keys.js';
import { SseError } from '../../sse-error.js';
import type { Broker, HistoryOptions } from '../broker.js';
import { ChannelFeeds } from './channel-feeds.js';
import { NodeOutbox } from './node-outbox.js';
import {
  type Answers,
  type PackedReplay,
  type Question,
  type QuestionKind,
  type Questions,
  type ToNode,
  type ToPrimary,
  packReplay,
  unpackRecord,
} from './protocol.js';

/** What nodes share, as one of them sees it. */
export interface SharedLog {
  readonly leases: NodeLeases;
  readonly oneTimeKeys: OneTimeKeys;
  open(history: HistoryOptions): Broker;
}

/** What is done with what one of them tells of itself. */
export interface NodeListener {
  /** @returns the loads of all nodes that are like it */
  onLoad(connections: number): readonly number[];
  /** It says that it closes; its answer is still to be sent. */
  onLeft(): void;
}

/** One broker of a worker, as the primary sees it: what it has subscribed to and what it holds, given back when it is gone. */
export class ClusterNode {
  private readonly outbox: NodeOutbox;
  private readonly feeds: ChannelFeeds;
  private readonly held = new Map<number, Lease>();
  private broker: Broker | undefined;
  /** Why it isn't taken in. */
  private refusal: SseError | undefined;
  private incoming: ToPrimary[] = [];
  /** How many of these have been looked at. */
  private taken = 0;
  private replaying = false;
  private closed = false;

  constructor(
    private readonly log: SharedLog,
    send: (frames: readonly ToNode[], sent: () => void) => void,
    private readonly listener: NodeListener,
  ) {
    this.outbox = new NodeOutbox(send, () => this.work());
    this.feeds = new ChannelFeeds((event) => this.outbox.event(event));
  }

  /** In their order; a node that is far behind with reading has to wait for its answers. */
  receive(frames: readonly ToPrimary[]): void {
    frames.forEach((frame) => this.incoming.push(frame));
    this.work();
  }

  /** Gives back whatever it holds. */
  close(): void {
    this.closed = true;
    this.incoming = [];
    this.taken = 0;
    this.outbox.close();
    this.letGo();
  }

  private letGo(): void {
    this.feeds.close();
    this.held.forEach((lease) => lease.release());
    this.held.clear();
  }

  /** One page of the log after another, so that no more is read than is sent. */
  private work(): void {
    while (!this.replaying && !this.outbox.congested) {
      const frame = this.incoming[this.taken];
      if (!frame) {
        this.incoming = [];
        this.taken = 0;
        return;
      }
      this.taken += 1;
      this.take(frame);
    }
  }

  private goOn(): void {
    this.replaying = false;
    this.work();
  }

  private take(frame: ToPrimary): void {
    switch (frame.kind) {
      case 'unsubscribe':
        this.feeds.remove(frame.channel);
        return;
      case 'release':
        this.release(frame.lease, frame.key);
        return;
      default:
        this.respond(frame);
    }
  }

  /** An answer that is there at once is put in at once; those of the log are, one after another, a microtask later. */
  private respond(question: Question): void {
    const { number } = question;
    const failed = (error: unknown): void => this.fail(number, error);
    try {
      const value = this.answer(question);
      if (value instanceof Promise) {
        const put = value.then((settled) => this.put(number, settled), failed);
        if (question.kind === 'replay') {
          this.replaying = true;
          void put.then(() => this.goOn());
        }
      } else {
        this.put(number, value);
      }
    } catch (error) {
      failed(error);
    }
  }

  private answer(question: Question): Answers[QuestionKind] | Promise<Answers[QuestionKind]> {
    switch (question.kind) {
      case 'hello':
        return this.takeIn(question);
      case 'publish':
        return this.engine.publish(question.channel, unpackRecord(question.record));
      case 'subscribe':
        this.feeds.add(this.engine, question.channel);
        return true;
      case 'replay':
        return this.replay(question);
      case 'take':
        return this.takeLease(question);
      case 'countOpen':
        return this.log.leases.countOpen(question.key, question.perMinute);
      case 'spendOnce':
        return this.log.oneTimeKeys.spend(question.key, question.ttlMs);
      case 'load':
        return this.listener.onLoad(question.connections);
      case 'stats':
        return this.engine.stats?.() ?? { events: 0, channels: 0 };
      case 'ping':
        return true;
      case 'close':
        this.letGo();
        this.listener.onLeft();
        return true;
    }
  }

  private get engine(): Broker {
    if (!this.broker) {
      throw this.refusal ?? new SseError('BROKER_UNAVAILABLE', 'The primary does not know this worker.');
    }
    return this.broker;
  }

  private takeIn({ history }: Questions['hello']): true {
    try {
      this.broker = this.log.open(history);
      return true;
    } catch (error) {
      this.refusal = error as SseError;
      throw error;
    }
  }

  private async replay({ channels, from, limit }: Questions['replay']): Promise<PackedReplay> {
    return packReplay(await this.engine.replay(channels, from, limit));
  }

  private takeLease({ lease, claims, holder, evicts }: Questions['take']): Answers['take'] {
    const evict = (limit: string): void => this.outbox.push({ kind: 'evict', lease, limit });
    const taken = this.log.leases.take(claims, holder ? { evict } : undefined, evicts);
    if ('refused' in taken) {
      return { refused: taken.refused };
    }
    this.held.set(lease, taken);
    return {};
  }

  private release(number: number, key: string | null | undefined): void {
    const lease = this.held.get(number);
    lease?.release(key ?? undefined);
    if (key === undefined || key === null) {
      this.held.delete(number);
    }
  }

  private put(number: number, value: Answers[QuestionKind]): void {
    if (!this.closed) {
      this.outbox.push({ kind: 'answer', number, value }, lengthOfAnswer(value));
    }
  }

  private fail(number: number, error: unknown): void {
    const { code, message } =
      error instanceof SseError ? error : new SseError('BROKER_UNAVAILABLE', String(error));
    if (!this.closed) {
      this.outbox.push({ kind: 'failure', number, code, message });
    }
  }
}

const SHORT_ANSWER = 64;

function lengthOfAnswer(value: Answers[QuestionKind]): number {
  if (typeof value !== 'object' || !('cursor' in value)) {
    return SHORT_ANSWER;
  }
  return value.events.reduce((sum, [record]) => sum + SHORT_ANSWER + (record[1]?.length ?? 0), SHORT_ANSWER);
}
