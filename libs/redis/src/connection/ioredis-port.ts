import { type Clock, TimerWheel } from '@nestcast/hub';
import { CommandLine } from './command-line.js';
import { brokerClosed, unavailable } from './redis-errors.js';
import type { RedisNode } from './redis-link.js';
import type { RedisListener, RedisPort, RedisPortFactory, RedisState } from './redis-port.js';
import { type RedisRoute, urlRoute } from './redis-route.js';
import { SubscriberLine } from './subscriber-line.js';

const TIMEOUT_MS = 2_000;
const MOVED = 'the master is another one now';

export interface IoredisPortOptions {
  readonly url: string;
  /** How long Redis may take to answer, in milliseconds; default 2,000. */
  readonly timeoutMs?: number;
}

/**
 * Redis through ioredis: one connection for commands and one that listens.
 *
 * @param clock for time limits; default: one of its own
 */
export function ioredisPort(options: IoredisPortOptions, clock: Clock = new TimerWheel()): RedisPortFactory {
  const route = urlRoute(options.url);
  return (listener) => new IoredisPort(route, clock, options.timeoutMs ?? TIMEOUT_MS, listener);
}

class IoredisPort implements RedisPort {
  private readonly commands: CommandLine;
  private readonly subscriber: SubscriberLine;
  private commandNode: RedisNode | undefined;
  private listeningNode: RedisNode | undefined;
  private closed = false;

  constructor(route: RedisRoute, clock: Clock, timeoutMs: number, listener: RedisListener) {
    this.commands = new CommandLine(route, clock, timeoutMs, {
      available: (node) => {
        this.commandNode = node;
        this.keepTogether(() => this.subscriber.redial(MOVED));
        listener.available();
      },
      unavailable: (reason) => listener.unavailable(reason),
    });
    this.subscriber = new SubscriberLine(route, clock, timeoutMs, {
      message: (channel, text) => listener.message(channel, text),
      listening: (node) => {
        this.listeningNode = node;
        this.keepTogether(() => this.commands.redial(MOVED));
        listener.listening();
      },
    });
  }

  get state(): RedisState {
    return this.commands.state;
  }

  call(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
    return this.commands.call(command, args);
  }

  subscribe(channels: readonly string[]): Promise<void> {
    if (this.closed) {
      return Promise.reject(brokerClosed());
    }
    const { up, detail } = this.state;
    return up
      ? this.subscriber.subscribe(channels)
      : Promise.reject(unavailable(`${detail}; nothing was subscribed to`));
  }

  unsubscribe(channels: readonly string[]): Promise<void> {
    return this.subscriber.unsubscribe(channels);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.commands.close();
    this.subscriber.close();
  }

  /** After a failover one of the two may still be with the old master: the one that was there first. */
  private keepTogether(redialOther: () => void): void {
    const [commands, listening] = [this.commandNode?.runId, this.listeningNode?.runId];
    if (commands !== undefined && listening !== undefined && commands !== listening) {
      redialOther();
    }
  }
}
