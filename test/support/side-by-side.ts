/** Trials that run a few at once, before the cases that look at what came of each: most of a trial is waiting. */
export class SideBySide<Name, Outcome> {
  private readonly outcomes = new Map<Name, PromiseSettledResult<Outcome>>();

  /** @param atOnce how many run at the same time */
  constructor(private readonly atOnce: number) {}

  /** Resolves when all of them are over, however they have ended. */
  async all(trials: readonly (readonly [Name, () => Promise<Outcome>])[]): Promise<void> {
    const left = trials.values();
    const lane = async (): Promise<void> => {
      // Lanes share the iterator: whichever is free takes the next.
      for (const [name, run] of left) {
        const [outcome] = await Promise.allSettled([run()]);
        this.outcomes.set(name, outcome);
      }
    };
    await Promise.all(Array.from({ length: this.atOnce }, lane));
  }

  /** @throws whatever the trial has failed with; RangeError if there was none of this name */
  outcome(name: Name): Outcome {
    const outcome = this.outcomes.get(name);
    if (!outcome) {
      throw new RangeError(`No trial ${String(name)} was run.`);
    }
    if (outcome.status === 'rejected') {
      throw outcome.reason;
    }
    return outcome.value;
  }
}
