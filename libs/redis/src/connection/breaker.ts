import type { Cancel, Clock } from '@nestcast/hub';
import type { RedisState } from './redis-port.js';
import { scheduleAfterReading } from './time-limit.js';

/** What a breaker acts on, and asks. */
export interface BreakerListener {
  /** When the oldest command that has no answer was sent. */
  oldestUnanswered(): number | undefined;
  /** Commands are let through. */
  closed(): void;
  /** Commands are refused from here on. */
  opened(reason: string): void;
  /** The connection is still there, but silent: one question may wake it. */
  probe(): void;
  /** The probe hasn't been answered either: only another connection can help. */
  givenUp(reason: string): void;
}

type Phase = 'away' | 'up' | 'silent';

/**
 * Whether commands are let through: from when a connection is there until it is lost, or until one command hasn't been
 * answered in time. What it costs is one timer, whatever is under way.
 */
export class Breaker {
  private phase: Phase = 'away';
  private detail = 'not connected yet';
  private cancel: Cancel | undefined;

  /** @param timeoutMs how long an answer may take; as long again for one of the probe */
  constructor(
    private readonly clock: Clock,
    private readonly timeoutMs: number,
    private readonly listener: BreakerListener,
  ) {}

  get state(): RedisState {
    return this.phase === 'up' ? { up: true } : { up: false, detail: this.detail };
  }

  get isUp(): boolean {
    return this.phase === 'up';
  }

  connected(): void {
    this.enter('up');
    this.listener.closed();
  }

  /** A command has been sent. */
  sent(): void {
    if (this.phase === 'up') {
      this.cancel ??= this.watch(this.timeoutMs);
    }
  }

  /** Something has been answered, in time or late. */
  answered(): void {
    if (this.phase === 'silent') {
      this.connected();
      this.sent();
    }
  }

  lost(reason: string): void {
    this.open('away', reason);
  }

  /** Lets go of its timer. */
  end(): void {
    this.enter('away');
  }

  private watch(delayMs: number): Cancel {
    return scheduleAfterReading(this.clock, delayMs, () => {
      this.cancel = undefined;
      const oldest = this.listener.oldestUnanswered();
      const left = oldest === undefined ? undefined : oldest + this.timeoutMs - this.clock.now();
      if (left !== undefined && left > 0) {
        this.cancel = this.watch(left);
      } else if (left !== undefined) {
        this.fallSilent();
      }
    });
  }

  private fallSilent(): void {
    this.open('silent', `no answer within ${this.timeoutMs} ms`);
    this.cancel = scheduleAfterReading(this.clock, this.timeoutMs, () => {
      this.cancel = undefined;
      this.listener.givenUp(this.detail);
    });
    this.listener.probe();
  }

  private open(phase: 'away' | 'silent', reason: string): void {
    const wasUp = this.phase === 'up';
    this.detail = reason;
    this.enter(phase);
    if (wasUp) {
      this.listener.opened(reason);
    }
  }

  private enter(phase: Phase): void {
    this.cancel?.();
    this.cancel = undefined;
    this.phase = phase;
  }
}
