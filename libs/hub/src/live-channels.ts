import { type Observable, defer } from 'rxjs';
import { type Attachment, Attachments } from './attachment.js';
import type { Broker } from './broker/broker.js';
import type { ChannelOptionsTable } from './channel-options.js';
import type { Clock } from './clock.js';
import type { RecentEvents } from './delivery/recent-events.js';
import { Replays } from './delivery/replays.js';
import type { BrokerEvent } from './event.js';
import { IsolatedObservable } from './isolated-observable.js';
import { LiveChannel, type LiveChannelContext } from './live-channel.js';

export interface LiveChannelsContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly fanOut: LiveChannelContext['fanOut'];
  readonly recent: RecentEvents;
  readonly onError: (error: unknown, what: string) => void;
}

/** The channels that somebody on this node listens to, and the sources attached to channels. */
export class LiveChannels {
  readonly replays: Replays;
  private readonly byName = new Map<string, LiveChannel>();
  private readonly attachments = new Attachments();
  private readonly context: LiveChannelContext;

  constructor(
    { broker, clock, fanOut, recent, onError }: LiveChannelsContext,
    private readonly options: ChannelOptionsTable,
  ) {
    const replays = new Replays(broker, clock, recent);
    this.replays = replays;
    this.context = {
      broker,
      fanOut,
      recent,
      replays,
      onError,
      onListening: (channel, listening) => this.listening(channel, listening),
      onBegin: (channel) => this.attachments.listening(channel.name, true),
    };
  }

  /** How many are listened to. */
  get size(): number {
    return this.byName.size;
  }

  /** One that nobody listens to yet is forgotten unless somebody begins to. */
  of(name: string): LiveChannel {
    return this.byName.get(name) ?? new LiveChannel(name, this.context, this.options.of(name)?.coalesceMs);
  }

  /** Hot; what its subscribers throw is reported. */
  events(name: string): Observable<BrokerEvent> {
    const events$ = defer(() => this.of(name).events$);
    return new IsolatedObservable(events$, this.context.onError, `a subscriber of the channel ${name}`);
  }

  /** @returns takes the source out again */
  attach(attachment: Attachment): () => void {
    const detach = this.attachments.add(attachment);
    if (this.byName.has(attachment.channel)) {
      attachment.listening(true);
    }
    return detach;
  }

  /** Stops all sources, ends all Observables, and reads nothing any more. */
  complete(): void {
    this.attachments.stop();
    this.replays.close();
    this.byName.forEach((channel) => channel.complete());
  }

  private listening(channel: LiveChannel, listening: boolean): void {
    if (listening) {
      this.byName.set(channel.name, channel);
    } else {
      this.byName.delete(channel.name);
      this.attachments.listening(channel.name, false);
    }
  }
}
