/** A worker that has been up for so long has not died of its start; milliseconds. */
const STEADY_MS = 10_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
/** How often a worker may die at its start, where none has ever got up, until that is taken for hopeless. */
const HOPELESS = 5;

/** When one worker's place is filled again: at once, unless those who fill it die of it again and again. */
export class WorkerRestarts {
  private deaths = 0;

  /**
   * Notes the death of a worker.
   *
   * @param upMs how long it had been up; `undefined`: it had not got up
   * @returns milliseconds until the next may start: 0, 100, 200, 400 … 10,000
   */
  died(upMs: number | undefined): number {
    if (upMs !== undefined && upMs >= STEADY_MS) {
      this.deaths = 0;
      return 0;
    }
    this.deaths += 1;
    return this.deaths === 1 ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.deaths - 2));
  }

  /** Whether it has died five times one soon after another. */
  get hopeless(): boolean {
    return this.deaths >= HOPELESS;
  }
}
