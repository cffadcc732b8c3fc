import { Hub, SseError } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';

/** How long a request waits for what the broker alone can tell; milliseconds. */
const PATIENCE_MS = 5_000;

/** Waits for what a request asks the broker, but not for ever: one that answers nothing must hold up no request, and no stop. */
@Injectable()
export class BrokerAnswers {
  private readonly waiting = new Set<(error: SseError) => void>();
  private ended = false;

  constructor(private readonly hub: Hub) {}

  /**
   * @returns what it resolves with; whoever gives up hears nothing more of it
   * @throws what it rejects with; SseError `BROKER_UNAVAILABLE` if that takes too long, `DRAINING` if the node stops meanwhile
   */
  async of<T>(answer: Promise<T>): Promise<T> {
    let giveUp: ((error: SseError) => void) | undefined;
    const given = new Promise<never>((_resolve, reject) => {
      giveUp = reject;
      this.waiting.add(reject);
    });
    const cancel = this.hub.clock.schedule(PATIENCE_MS, () =>
      giveUp?.(new SseError('BROKER_UNAVAILABLE', 'The broker has not answered in time.')),
    );
    if (this.ended) {
      giveUp?.(draining());
    }
    try {
      return await Promise.race([given, answer]);
    } finally {
      cancel();
      this.waiting.delete(giveUp as (error: SseError) => void);
    }
  }

  /** From here on nobody waits. */
  end(): void {
    this.ended = true;
    this.waiting.forEach((giveUp) => giveUp(draining()));
  }
}

const draining = (): SseError =>
  new SseError('DRAINING', 'The node is shutting down; come back in a moment.');
