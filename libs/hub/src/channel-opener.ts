import type { Channel } from './channel.js';
import type { HubConnection } from './delivery/hub-connection.js';
import type { Clock } from './clock.js';
import { LogReader, type LogReaderContext } from './delivery/log-reader.js';
import { LongPoll } from './delivery/long-poll.js';
import type { ChannelOpenOptions } from './hub-options.js';
import type { LiveChannels } from './live-channels.js';

/** Makes a connection a reader of channels. */
export class ChannelOpener {
  private readonly context: LogReaderContext;

  constructor(
    private readonly live: LiveChannels,
    clock: Clock,
  ) {
    this.context = { clock, replays: live.replays };
  }

  /** @returns `ended` if nothing is left to read and nothing will come; nothing has been written then */
  async open(
    connection: HubConnection,
    channels: readonly Channel[],
    options: ChannelOpenOptions,
  ): Promise<'open' | 'ended'> {
    const { overflow, longPollMs } = options;
    const reader =
      longPollMs === undefined
        ? new LogReader(connection, overflow, this.context)
        : new LongPoll(connection, overflow, this.context, longPollMs);
    connection.reader = reader;
    const { lastEventId } = connection;
    const fromStart = channels.filter(({ startsAt }) => startsAt === 'start').map(({ name }) => name);
    try {
      const outcome = await reader.open(
        channels.map(({ name }) => this.live.of(name)),
        lastEventId ? { after: lastEventId } : { fromStart },
        options,
      );
      if (outcome === 'ended') {
        connection.abandon('complete');
      }
      return outcome;
    } catch (error) {
      connection.abandon('error', error);
      throw error;
    }
  }
}
