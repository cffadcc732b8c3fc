import type { AnswerFigures, AnswerState } from './answer.js';

/** How an answer has ended. */
export interface AnswerEnd {
  readonly state: Exclude<AnswerState, 'running'>;
  /** Of its whole text, in UTF-16 code units: who has less has missed something. */
  readonly length: number;
  readonly figures: AnswerFigures;
  /** Why it has failed, for people. */
  readonly error: string | null;
}

/**
 * The events of an answer's channel. Each token says where it belongs, so that one that comes twice, or after others were
 * missed, is recognised. The end may be told twice.
 */
export interface AnswerEvents {
  start: { readonly id: string; readonly prompt: string; readonly model: string };
  /** `offset`: how much text is before it, in UTF-16 code units. */
  token: { readonly offset: number; readonly text: string };
  /** About twice a second. */
  progress: AnswerFigures;
  complete: AnswerEnd;
  cancelled: AnswerEnd;
  /** Not `error`, which is EventSource's own. */
  failed: AnswerEnd;
  interrupted: AnswerEnd;
}

/** Where an answer is told of; it is the user's, as the route that streams it makes sure. */
export const channelOfAnswer = (userId: string, id: string): string => `assistant/${userId}/${id}`;
