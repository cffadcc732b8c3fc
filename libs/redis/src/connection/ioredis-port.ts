import type { Clock } from '@nestcast/hub';
import { CommandLine } from './command-line.js';
import { type RedisConnectionOptions, assertConnectionOptions } from './connection-options.js';
import { brokerClosed, unavailable } from './redis-errors.js';
import type { RedisRoute } from './redis-link.js';
import type { RedisNode } from './redis-node.js';
import type { RedisListener, RedisPort, RedisPortFactory, RedisState } from './redis-port.js';
import { routeOf } from './redis-route.js';
import { SubscriberLine } from './subscriber-line.js';

const MOVED = 'the master is another one now';

export interface IoredisPortSettings extends RedisConnectionOptions {
  /** How long Redis may take to answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The hash tag of all keys that it is for. */
  readonly tag: string;
  readonly clock: Clock;
}

/**
 * Redis through ioredis: one connection for commands and one that listens.
 *
 * @throws SseError `INVALID_OPTION` if it isn't said where Redis is
 */
export function ioredisPort({ timeoutMs, tag, clock, ...options }: IoredisPortSettings): RedisPortFactory {
  assertConnectionOptions(options);
  return (listener) => new IoredisPort(routeOf(options, tag, timeoutMs), clock, timeoutMs, listener);
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
        this.subscriber.hurry();
        listener.available();
      },
      unavailable: (reason) => listener.unavailable(reason),
    });
    this.subscriber = new SubscriberLine(route, clock, timeoutMs, {
      message: (channel, text) => listener.message(channel, text),
      listening: (node) => {
        this.listeningNode = node;
        this.keepTogether(() => this.commands.redial(MOVED));
        this.commands.hurry();
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
