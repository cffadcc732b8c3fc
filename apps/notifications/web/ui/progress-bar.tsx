import './progress.css';

export interface ProgressBarProps {
  /** What it is the progress of. */
  readonly label: string;
  /** From 0 to `max`; `undefined` while that isn't known. */
  readonly value: number | undefined;
  /** Default 100. */
  readonly max?: number;
  /** What is read out in place of a percentage: "312 of 500 lines". */
  readonly text?: string;
}

export function ProgressBar({ label, value, max = 100, text }: ProgressBarProps) {
  const known = value !== undefined && max > 0;
  const share = known ? Math.min(1, Math.max(0, value / max)) : 0;
  return (
    <div
      className={known ? 'progress' : 'progress progress-unknown'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known ? Math.floor(share * 100) : undefined}
      aria-valuetext={text}
    >
      <div className="progress-fill" style={known ? { transform: `scaleX(${share})` } : undefined} />
    </div>
  );
}
