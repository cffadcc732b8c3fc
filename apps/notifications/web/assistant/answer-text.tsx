import { memo } from 'react';

export interface AnswerTextProps {
  readonly text: string;
  readonly running: boolean;
}

/** An answer's paragraphs. While it is written only the last one changes, however long it is. */
export function AnswerText({ text, running }: AnswerTextProps) {
  const paragraphs = text.split(/\n{2,}/);
  return (
    <div className={running ? 'answer-text answer-running' : 'answer-text'} aria-busy={running}>
      {paragraphs.map((paragraph, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- text only grows: a paragraph keeps its place
        <Paragraph key={index} text={paragraph} />
      ))}
    </div>
  );
}

const Paragraph = memo(({ text }: { readonly text: string }) => <p>{text}</p>);
Paragraph.displayName = 'Paragraph';
