import { HandClock } from './hand-clock.js';

/** A clock that a spec can make run on a little with every look at it. */
export class SlowClock extends HandClock {
  stepMs = 0;
  looks = 0;

  override now(): number {
    this.looks += 1;
    this.advance(this.stepMs);
    return super.now();
  }
}
