/** The box that a sparkline is drawn in, before it is stretched. */
export const WIDTH = 100;
export const HEIGHT = 32;

export interface SparklinePath {
  readonly line: string;
  /** What is under the line. */
  readonly area: string;
}

/**
 * The path of some values, the oldest first, as wide as the box; as high as the greatest of them, or `max` if that is more.
 * `undefined` with fewer than two.
 */
export function sparklinePath(values: readonly number[], max = 0): SparklinePath | undefined {
  if (values.length < 2) {
    return undefined;
  }
  const top = Math.max(max, ...values) || 1;
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * WIDTH;
    const y = HEIGHT - (Math.max(0, value) / top) * HEIGHT;
    return `${round(x)},${round(y)}`;
  });
  const line = `M${points.join('L')}`;
  return { line, area: `${line}L${WIDTH},${HEIGHT}L0,${HEIGHT}Z` };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
