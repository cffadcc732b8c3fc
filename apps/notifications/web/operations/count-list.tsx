import { Card } from '../ui/card.js';
import { numberText } from './figure-text.js';

export interface CountListProps {
  readonly title: string;
  /** What to say where nothing has been counted. */
  readonly none: string;
  /** The greatest first. */
  readonly counts: readonly (readonly [name: string, count: number])[];
  /** Of what may be counted, for people. */
  readonly names: Readonly<Record<string, string>>;
}

/** Counts as bars, each as long as its part of the greatest. */
export function CountList({ title, none, counts, names }: CountListProps) {
  const greatest = counts[0]?.[1] ?? 1;
  return (
    <Card title={title}>
      {counts.length === 0 ? (
        <p className="muted">{none}</p>
      ) : (
        <ul className="counts">
          {counts.map(([name, count]) => (
            <li key={name}>
              <span className="count-name">{names[name] ?? name}</span>
              <span className="figures">{numberText(count)}</span>
              <span className="count-bar" style={{ transform: `scaleX(${count / greatest})` }} aria-hidden />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
