import type { AnswerFigures } from './answer.js';

/** What was measured of an answer. */
export type Measured = Omit<AnswerFigures, 'tokensPerSecond'>;

export function figuresOf({ tokens, firstTokenMs, durationMs }: Measured): AnswerFigures {
  return {
    tokens,
    tokensPerSecond: tokensPerSecond(tokens, firstTokenMs, durationMs),
    firstTokenMs,
    durationMs,
  };
}

/** The first token's own time is the model's time to think, and counts for none. */
function tokensPerSecond(
  tokens: number,
  firstTokenMs: number | null,
  durationMs: number | null,
): number | null {
  if (tokens < 2 || firstTokenMs === null || durationMs === null || durationMs <= firstTokenMs) {
    return null;
  }
  return Math.round(((tokens - 1) * 10_000) / (durationMs - firstTokenMs)) / 10;
}
