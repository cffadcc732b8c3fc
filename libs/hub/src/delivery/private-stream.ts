import { type PrivateRecord, type SseEvent, toPrivateRecord } from '../event.js';
import type { OpenOptions, OverflowOptions } from '../hub-options.js';
import { eventFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import type { Clock } from '../clock.js';
import { type Backlog, ConflatedBacklog, NewestBacklog } from './backlog.js';
import type { HubConnection } from './hub-connection.js';
import { type Reader, noChannels } from './reader.js';

/**
 * Events for one client alone, from a source that can't be told to wait. No log has them: what the client is too slow for
 * is held back within the bounds of the overflow policy, or the connection is closed.
 */
export class PrivateStream implements Reader {
  state: 'live' | 'lagging' = 'live';
  readonly channels = noChannels;

  private overflow: OverflowOptions | undefined;
  private backlog: Backlog<PrivateRecord> | undefined;
  private lost = false;
  /** What ends the stream once nothing is held back. */
  private ending: (() => void) | undefined;

  constructor(
    private readonly connection: HubConnection,
    private readonly clock: Clock,
  ) {}

  /** Sends the headers, and the events that there were already. */
  begin(options: OpenOptions): void {
    this.overflow = options.overflow;
    this.connection.begin(options);
  }

  /**
   * Sends an event, or holds it back until its client has read.
   *
   * @throws SseError if the event can't be written
   */
  send(event: SseEvent): void {
    const policy = this.overflow?.policy;
    if (policy !== 'conflate' && policy !== 'drop-oldest') {
      this.connection.send(event);
    } else if (this.state === 'lagging' || this.connection.overflows()) {
      this.holdBack(toPrivateRecord(event), policy);
    } else {
      this.connection.send(event);
    }
  }

  /** Ends the stream when all events are sent. */
  complete(): void {
    this.end(() => this.connection.close('complete'));
  }

  /** Ends the stream, when all events are sent, because its source has failed. */
  fail(error: unknown): void {
    this.end(() => this.connection.fail(error));
  }

  leave(): void {
    // It has no channel to be taken out of.
  }

  leaveAll(): void {
    this.backlog = undefined;
    this.ending = undefined;
  }

  private end(ending: () => void): void {
    if (this.state === 'lagging') {
      this.ending = ending;
    } else {
      ending();
    }
  }

  private holdBack(record: PrivateRecord, policy: 'conflate' | 'drop-oldest'): void {
    if (this.connection.closed) {
      return;
    }
    const { maxBufferedBytes } = this.overflow as OverflowOptions;
    this.backlog ??=
      policy === 'conflate'
        ? new ConflatedBacklog()
        : new NewestBacklog(maxBufferedBytes, () => {
            this.lost = true;
          });
    this.backlog.add(record);
    if (policy === 'conflate' && this.backlog.bytes > maxBufferedBytes) {
      this.connection.close('overflow');
    } else if (this.state === 'live') {
      this.state = 'lagging';
      void this.connection.drained().then(() => this.catchUp());
    }
  }

  /** At most twice what may wait for a client: what is held back is bounded, and its socket has drained. */
  private catchUp(): void {
    const { backlog, ending } = this;
    if (this.connection.closed) {
      return;
    }
    this.state = 'live';
    this.backlog = undefined;
    let text = this.lost ? this.connection.gap({ reason: 'overflow', channels: [], id: '' }) : '';
    this.lost = false;
    let count = 0;
    for (const record of backlog?.events() ?? []) {
      text += eventFrame(record, record.id);
      count += 1;
    }
    this.connection.write(new Payload(text), count, this.clock.now());
    ending?.();
  }
}
