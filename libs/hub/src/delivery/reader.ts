/** The names of a connection's channels. */
export interface ChannelNames {
  readonly size: number;
  has(name: string): boolean;
  keys(): IterableIterator<string>;
}

export const noChannels: ChannelNames = new Map<string, never>();

/** How a connection gets its channels' events from the log. @internal */
export interface Reader {
  readonly state: 'replaying' | 'live' | 'lagging';
  readonly channels: ChannelNames;
  leave(name: string): void;
  leaveAll(): void;
  /** Told that its client has been sent an event outside any channel. */
  sent?(): void;
}

const nothing = (): void => undefined;

/** What is left of a reader when its connection has closed: the names. */
export function formerReader(channels: ChannelNames): Reader {
  return { state: 'live', channels, leave: nothing, leaveAll: nothing };
}
