import type { ConnectionState } from './connection-init.js';
import type { ChannelNames } from './reader.js';

/** Figures of one connection, as a plain object. */
export interface ConnectionFigures {
  readonly id: string;
  readonly userId: string | undefined;
  readonly state: ConnectionState;
  readonly channels: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly openedAt: number;
  /** When something was last written, in milliseconds since the Unix epoch; 0 while it is opening. */
  readonly lastActivityAt: number;
  /** Events sent, control events not counted. */
  readonly messages: number;
  /** Bytes of the body on the wire. */
  readonly bytes: number;
  /** Gaps it was told, and its own failure if that has ended it. */
  readonly errors: number;
}

export function figuresOf(
  connection: Omit<ConnectionFigures, 'channels'> & { readonly channels: ChannelNames },
): ConnectionFigures {
  const { id, userId, state, openedAt, lastActivityAt, messages, bytes, errors } = connection;
  const channels = [...connection.channels.keys()];
  return { id, userId, state, channels, openedAt, lastActivityAt, messages, bytes, errors };
}
