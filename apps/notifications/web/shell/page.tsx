import type { ReactNode } from 'react';

import { useInbox } from '../inbox/inbox-context.js';
import { useHeading } from './heading.js';
import './page.css';

export interface PageProps {
  /** Its h1, and the document's title. */
  readonly title: string;
  /** One sentence on what it is for. */
  readonly lead?: ReactNode;
  /** Beside the title. */
  readonly actions?: ReactNode;
  /** As wide as the window lets it; default false: as wide as reads well. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** What every page begins with. */
export function Page({ title, lead, actions, wide = false, children }: PageProps) {
  const heading = useHeading();
  const unread = useInbox()?.unread ?? 0;
  return (
    <div className={wide ? 'page page-wide' : 'page'}>
      <title>{`${unread > 0 ? `(${unread}) ` : ''}${title} · Nestcast`}</title>
      <header className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p className="muted">{lead}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
