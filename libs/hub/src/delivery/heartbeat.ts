import type { Clock } from '../clock.js';
import type { HeartbeatOptions } from '../hub-options.js';
import { heartbeatFrame } from '../protocol/control-event.js';
import { commentFrame } from '../protocol/frame.js';
import { Payload } from '../protocol/payload.js';
import type { Transport } from '../transport/transport.js';
import type { ConnectionTimers } from './connection-timers.js';

/** The side of a connection that heartbeats look at. */
interface Beating {
  readonly lastActivityAt: number;
  readonly transport: Transport;
  write(payload: Payload, messages: number, now: number): void;
}

const comment = new Payload(commentFrame('heartbeat'));

/** Gives a connection a sign of life whenever it has been quiet for the interval, until its timers end. */
export function keepAlive(
  connection: Beating,
  options: HeartbeatOptions,
  timers: ConnectionTimers,
  clock: Clock,
): void {
  const beatIn = (delayMs: number): void => {
    timers.after(delayMs, () => {
      const now = clock.now();
      const quietFor = now - connection.lastActivityAt;
      if (quietFor < options.intervalMs) {
        beatIn(options.intervalMs - quietFor);
        return;
      }
      // A socket that hasn't taken what it has needs no sign of life on top.
      if (!connection.transport.needsDrain) {
        const sign = options.visible ? new Payload(heartbeatFrame(Math.round(now))) : comment;
        connection.write(sign, 0, now);
      }
      beatIn(options.intervalMs);
    });
  };
  if (options.intervalMs > 0) {
    beatIn(options.intervalMs);
  }
}
