import './progress.css';
import { HEIGHT, WIDTH, sparklinePath } from './sparkline-path.js';

export interface SparklineProps {
  /** The oldest first; from 0 up. */
  readonly values: readonly number[];
  /** What it shows, with the last value in words: "Events a second, now 120". */
  readonly label: string;
  /** The least that its height stands for; default: its greatest value. */
  readonly max?: number;
}

export function Sparkline({ values, label, max }: SparklineProps) {
  const path = sparklinePath(values, max);
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {path && <path className="sparkline-area" d={path.area} />}
      {path && <path className="sparkline-line" d={path.line} />}
    </svg>
  );
}
