import { inspect } from 'node:util';
import { type CloseReason, type Connection, Hub } from '@nestcast/hub';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ResolvedSseOptions } from '../sse.options.js';

/** What the log has of each stream that has closed. Neither its address nor its url, which may have a ticket. */
export interface SseCloseRecord {
  readonly event: 'sse.close';
  readonly connectionId: string;
  readonly userId?: string;
  readonly reason: CloseReason;
  /** From the request on; milliseconds. */
  readonly durationMs: number;
  /** Events sent. */
  readonly messages: number;
  /** Bytes of the body on the wire, without what the end adds. */
  readonly bytes: number;
  /** How many it was subscribed to at the end. */
  readonly channels: number;
  /** The first three of them. */
  readonly firstChannels: readonly string[];
  readonly error?: string;
}

const FIRST_CHANNELS = 3;

/** Writes a line into the log for each stream that has closed. */
@Injectable()
export class SseCloseRecords implements OnModuleInit {
  private readonly logger = new Logger('SseConnection');

  constructor(
    private readonly hub: Hub,
    private readonly options: ResolvedSseOptions,
  ) {}

  onModuleInit(): void {
    if (this.options.closeRecords) {
      this.hub.lifecycle$.subscribe((event) => {
        if (event.kind === 'close') {
          const record = recordOf(event.connection, event.reason, event.error, this.hub.clock.now());
          // An object beside a message: Nest 12 makes one record of both, Nest 11 one of each.
          this.logger.log(`Stream closed: ${event.reason}`, record);
        }
      });
    }
  }
}

function recordOf(connection: Connection, reason: CloseReason, error: unknown, now: number): SseCloseRecord {
  const { id, userId, openedAt, messages, bytes, channels } = connection;
  return {
    event: 'sse.close',
    connectionId: id,
    ...(userId !== undefined && { userId }),
    reason,
    durationMs: Math.round(now - openedAt),
    messages,
    bytes,
    channels: channels.size,
    firstChannels: [...channels.keys()].slice(0, FIRST_CHANNELS),
    ...(error !== undefined && { error: error instanceof Error ? error.message : inspect(error) }),
  };
}
