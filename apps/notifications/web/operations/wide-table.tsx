import type { ReactNode } from 'react';

export interface WideTableProps {
  readonly label: string;
  /** Its head and its body. */
  readonly children: ReactNode;
}

/** A table that is scrolled sideways where it is too wide, also with the keyboard. */
export function WideTable({ label, children }: WideTableProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- who has no pointer scrolls what has the focus
    <section className="table-scroll" aria-label={label} tabIndex={0}>
      <table className="table figures">{children}</table>
    </section>
  );
}
