import { LoaderCircle } from 'lucide-react';

import './progress.css';

/** A turning circle, for the eyes only. */
export function Spinner({ size = 16 }: { readonly size?: number }) {
  return <LoaderCircle className="spinner" size={size} aria-hidden />;
}

/** In place of what isn't there yet, and says so. */
export function Waiting({ label = 'Loading…' }: { readonly label?: string }) {
  return (
    <p className="waiting" role="status">
      <Spinner size={20} />
      {label}
    </p>
  );
}

/** In place of text that isn't there yet. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }) {
  return (
    <div className="skeleton" role="status">
      <span className="sr-only">Loading…</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="skeleton-line" />
      ))}
    </div>
  );
}
