import type { answerTable } from './answer.table.js';

/** `interrupted`: the server that wrote it has stopped; what it had written is kept. */
export type AnswerState = (typeof answerTable.$inferSelect)['state'];

/** How fast it came. */
export interface AnswerFigures {
  /** Pieces of text, as the model streams them: of most models a token each. */
  readonly tokens: number;
  /** Since the first one; `null` with fewer than two. */
  readonly tokensPerSecond: number | null;
  /** From the question to the first piece; milliseconds. `null`: none has come. */
  readonly firstTokenMs: number | null;
  /** From the question to the end, or until now; milliseconds. `null`: not known, since its server has stopped. */
  readonly durationMs: number | null;
}

/** A line of the list of a user's answers. */
export interface AnswerSummary {
  readonly id: string;
  readonly prompt: string;
  readonly state: AnswerState;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** As `GET /assistant/answers/:id` has it. */
export interface Answer extends AnswerSummary {
  /** Of one that is running: what was there about a second ago. */
  readonly text: string;
  readonly model: string;
  readonly figures: AnswerFigures;
  /** Why it has failed, for people. */
  readonly error: string | null;
}
