import type { Answer, AnswerFigures } from '../../src/assistant/answer.js';
import type { AnswerEnd, AnswerEvents } from '../../src/assistant/answer-events.js';

export type Token = AnswerEvents['token'];

/** An answer as far as this page knows it. */
export interface LiveAnswer {
  readonly answer: Answer;
  /** What came before the text that belongs in front of it. */
  readonly ahead: readonly Token[];
  /** How long the whole text is, once that was told. */
  readonly length: number | undefined;
}

export type LiveAnswerAction =
  /** As the server has it; the stream may have told more of it already. */
  | { readonly type: 'loaded'; readonly answer: Answer }
  | { readonly type: 'tokens'; readonly tokens: readonly Token[] }
  | { readonly type: 'progress'; readonly figures: AnswerFigures }
  | { readonly type: 'ended'; readonly end: AnswerEnd };

export function liveAnswerReducer(
  live: LiveAnswer | undefined,
  action: LiveAnswerAction,
): LiveAnswer | undefined {
  if (action.type === 'loaded') {
    return loaded(live, action.answer);
  }
  if (!live) {
    return live;
  }
  const { answer } = live;
  switch (action.type) {
    case 'tokens':
      return joined({ ...live, ahead: [...live.ahead, ...action.tokens] });
    case 'progress':
      return { ...live, answer: { ...answer, figures: action.figures } };
    case 'ended': {
      const { state, figures, error, length } = action.end;
      return { ...live, length, answer: { ...answer, state, figures, error } };
    }
  }
}

/** Whether some of its text has not come: the server has it. */
export function hasHole({ answer, ahead, length }: LiveAnswer): boolean {
  return ahead.length > 0 || (length !== undefined && answer.text.length < length);
}

function loaded(live: LiveAnswer | undefined, answer: Answer): LiveAnswer {
  if (!live) {
    return { answer, ahead: [], length: undefined };
  }
  // One that is over is whole. One that is running was saved a moment ago, and the stream is further.
  const over = answer.state !== 'running';
  const { text, state } = live.answer;
  const newer = over || state === 'running' ? answer : live.answer;
  const whole = over || answer.text.length >= text.length ? answer.text : text;
  return joined({ ...live, answer: { ...newer, text: whole } });
}

/** Puts tokens where they belong, in whatever order and however often they have come. */
function joined(live: LiveAnswer): LiveAnswer {
  let { text } = live.answer;
  const ahead: Token[] = [];
  for (const token of live.ahead.toSorted((one, other) => one.offset - other.offset)) {
    if (token.offset > text.length) {
      ahead.push(token);
    } else {
      text += token.text.slice(text.length - token.offset);
    }
  }
  return { ...live, answer: { ...live.answer, text }, ahead };
}
