import type { Cancel, Clock } from '../clock.js';
import { type HeartbeatOptions, type OpenOptions, jittered } from '../hub-options.js';
import { type ServerCloseReason, heartbeatFrame } from '../protocol/control-event.js';
import { commentFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import { SseError } from '../sse-error.js';
import type { Transport } from '../transport/transport.js';

/** The side of a connection that its lifetime looks at. */
interface Living {
  readonly lastActivityAt: number;
  readonly transport: Transport;
  write(payload: Payload, messages: number, now: number): void;
  close(reason: ServerCloseReason): void;
  cutOff(reason: ServerCloseReason): void;
}

/** A client for which something waited at the last look. */
interface Slowness {
  readonly progress: number;
  /** When it was first seen to be where it is; milliseconds since the Unix epoch. */
  readonly since: number;
}

const comment = new Payload(commentFrame('heartbeat'));
/** Clocks add and subtract fractions of milliseconds: what is due within one is due. */
const DUE_MS = 1;
/** How many looks at a client's progress there are in the time after which it counts as stalled. */
const LOOKS = { whileNothingWaits: 2, whileSomethingWaits: 4 };

/**
 * What becomes of a connection as time goes by: a sign of life whenever it has been quiet, and its end at its maximum age,
 * when its right to be there expires, or when its client takes nothing any more. One task of the clock for whichever comes
 * first.
 */
export class Lifetime {
  private beatAt = Infinity;
  private maxAgeAt = Infinity;
  private expiresAt = Infinity;
  private heartbeat: HeartbeatOptions | undefined;
  private lookAt = Infinity;
  private stallMs = 0;
  /** Most are never slow. */
  private slowness: Slowness | undefined;
  private scheduledAt = Infinity;
  private cancel: Cancel | undefined;
  private ended = false;

  constructor(
    private readonly connection: Living,
    private readonly clock: Clock,
  ) {}

  /** To be called when the stream begins. */
  begin({ heartbeat, maxConnectionAge: maxAge, overflow }: OpenOptions): void {
    const now = this.clock.now();
    this.stallMs = overflow.stallMs;
    this.lookAt = overflow.stallMs > 0 ? now + overflow.stallMs / LOOKS.whileNothingWaits : Infinity;
    this.heartbeat = heartbeat;
    this.beatAt = heartbeat.intervalMs > 0 ? now + heartbeat.intervalMs : Infinity;
    this.maxAgeAt = maxAge.ms > 0 ? now + jittered(maxAge.ms, maxAge.jitter) : Infinity;
    this.schedule(now);
  }

  /**
   * Ends it at this time, and no longer at one that was told before.
   *
   * @throws SseError `INVALID_OPTION` if it is no time
   */
  expireAt(time: Date | number): void {
    const at = Number(time);
    if (Number.isNaN(at)) {
      throw new SseError(
        'INVALID_OPTION',
        'expireAt() takes a valid Date or milliseconds since the Unix epoch.',
      );
    }
    this.expiresAt = at;
    this.schedule(this.clock.now());
  }

  /** Nothing comes of it any more. */
  end(): void {
    this.ended = true;
    this.cancel?.();
    this.cancel = undefined;
  }

  private schedule(now: number): void {
    const next = Math.min(this.beatAt, this.maxAgeAt, this.expiresAt, this.lookAt);
    if (this.ended || (next === this.scheduledAt && this.cancel)) {
      return;
    }
    this.cancel?.();
    this.scheduledAt = next;
    this.cancel =
      next === Infinity ? undefined : this.clock.schedule(Math.max(0, next - now), () => this.run());
  }

  private run(): void {
    this.cancel = undefined;
    const now = this.clock.now();
    const due = now + DUE_MS;
    if (this.expiresAt <= due) {
      this.connection.close('expired');
    } else if (this.maxAgeAt <= due) {
      this.connection.close('max-age');
    } else {
      if (this.stallMs > 0) {
        // Also when it runs for a heartbeat: mostly no other run is needed then.
        this.look(now);
      }
      if (this.beatAt <= due && this.heartbeat) {
        this.beat(this.heartbeat, now);
      }
    }
    this.schedule(now);
  }

  /** From time to time, so that nothing is noted with each write: a client may be stalled for a look longer. */
  private look(now: number): void {
    const { progress } = this.connection.transport;
    this.lookAt = now + this.stallMs / LOOKS.whileSomethingWaits;
    if (progress === undefined) {
      this.lookAt = now + this.stallMs / LOOKS.whileNothingWaits;
      this.slowness = undefined;
    } else if (this.slowness?.progress !== progress) {
      this.slowness = { progress, since: now };
    } else if (now - this.slowness.since + DUE_MS >= this.stallMs) {
      this.connection.cutOff('overflow');
    }
  }

  private beat({ intervalMs, visible }: HeartbeatOptions, now: number): void {
    const { lastActivityAt, transport } = this.connection;
    const quietFor = now - lastActivityAt;
    if (quietFor + DUE_MS < intervalMs) {
      this.beatAt = lastActivityAt + intervalMs;
      return;
    }
    this.beatAt = now + intervalMs;
    // A socket that hasn't taken what it has needs no sign of life on top.
    if (!transport.needsDrain) {
      this.connection.write(visible ? new Payload(heartbeatFrame(Math.round(now))) : comment, 0, now);
    }
  }
}
