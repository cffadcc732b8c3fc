import type { ReactNode } from 'react';

import './surfaces.css';

export interface BadgeProps {
  /** Default `neutral`. */
  readonly tone?: 'neutral' | 'accent' | 'info' | 'success' | 'warning' | 'danger';
  readonly children: ReactNode;
}

/** A word or a number in a pill. */
export function Badge({ tone = 'neutral', children }: BadgeProps) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}
