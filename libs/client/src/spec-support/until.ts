/** Resolves once the condition holds, looked at every millisecond or so; rejects if it takes too long. */
export async function until(condition: () => boolean, withinMs = 4_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`It has not come to it within ${withinMs} ms: ${condition.toString()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
