import { Unplug } from 'lucide-react';
import { Component, type ReactNode } from 'react';

import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';

interface PageBoundaryState {
  readonly failed: boolean;
}

/** A page that can't be shown, or loaded: after a deployment its file has another name. React tells the console why. */
export class PageBoundary extends Component<{ readonly children: ReactNode }, PageBoundaryState> {
  override readonly state: PageBoundaryState = { failed: false };

  static getDerivedStateFromError(): PageBoundaryState {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? (
      <div role="alert">
        <EmptyState
          icon={Unplug}
          title="This page can’t be shown"
          action={
            <Button variant="primary" onClick={() => location.reload()}>
              Load it again
            </Button>
          }
        >
          Something went wrong, or there is a newer version.
        </EmptyState>
      </div>
    ) : (
      this.props.children
    );
  }
}
