import type { AnswerFigures as Figures } from '../../src/assistant/answer.js';

const NONE = '–';

/** How fast an answer comes, or came. */
export function AnswerFigures({
  figures: { firstTokenMs, tokensPerSecond, tokens, durationMs },
}: {
  readonly figures: Figures;
}) {
  const shown = [
    ['First token', firstTokenMs === null ? NONE : duration(firstTokenMs)],
    ['Speed', tokensPerSecond === null ? NONE : `${tokensPerSecond.toFixed(1)} tokens/s`],
    ['Tokens', tokens.toLocaleString('en')],
    ['Time', durationMs === null ? NONE : duration(durationMs)],
  ] as const;
  return (
    <dl className="answer-figures figures">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function duration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
