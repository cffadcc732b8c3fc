import { type ReactNode, useId } from 'react';

import './surfaces.css';

export interface CardProps {
  /** Its heading (h2), which names it; without one it is no region of its own. */
  readonly title?: string;
  /** Beside the heading. */
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Card({ title, actions, className = '', children }: CardProps) {
  const id = useId();
  if (!title) {
    return (
      <div className={`card ${className}`}>
        <div className="card-body">{children}</div>
      </div>
    );
  }
  return (
    <section className={`card ${className}`} aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      <div className="card-body">{children}</div>
    </section>
  );
}
