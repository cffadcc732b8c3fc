import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

import './surfaces.css';

export interface DialogProps {
  readonly open: boolean;
  /** Also for Escape. */
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** Its buttons, the one that goes on last. */
  readonly actions: ReactNode;
}

/** A question that must be answered first. The browser keeps the focus in it, and gives it back. */
export function Dialog({ open, onClose, title, children, actions }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Closed before it is taken out of the page: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (open) {
      element?.showModal();
    }
    return () => element?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      // Whether it is open is for its owner to say.
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      <div className="dialog-body">{children}</div>
      <div className="dialog-actions">{actions}</div>
    </dialog>
  );
}
