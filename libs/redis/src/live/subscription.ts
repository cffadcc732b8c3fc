import type { BrokerEvent, BrokerSink, Interruption, InterruptionListener } from '@nestcast/hub';

/** One that listens to a channel on this node. */
export interface Listener {
  readonly sink: BrokerSink;
  readonly onInterruption: InterruptionListener | undefined;
}

/** A channel that somebody listens to on this node. */
export class Subscription {
  readonly listeners = new Set<Listener>();
  /**
   * The place up to which its events have been delivered, or were published before it was subscribed to; `undefined`
   * until Redis is known to send them.
   */
  last: number | undefined;

  constructor(
    readonly channel: string,
    /** Resolves when {@link last} is known. */
    readonly joined: Promise<void>,
  ) {}

  deliver(event: BrokerEvent): void {
    this.listeners.forEach(({ sink }) => sink(event));
  }

  interrupt(interruption: Interruption): void {
    this.listeners.forEach(({ onInterruption }) => onInterruption?.(interruption));
  }
}
