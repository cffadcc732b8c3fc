/** The page that a client is in; outside of one it is there to be seen. */
export interface Page {
  /** Calls back for what it is now. */
  look(this: void): void;
  /** Follows it no more. */
  leave(this: void): void;
}

/**
 * Calls back for each change of the page.
 *
 * @param pausesHidden whether being hidden counts as gone
 * @param onGone it goes: to the back/forward cache, perhaps
 * @param onSeen it is there
 */
export function followPage(pausesHidden: boolean | undefined, onGone: () => void, onSeen: () => void): Page {
  const events = ['pagehide', 'pageshow', ...(pausesHidden ? ['visibilitychange'] : [])];
  const look = (event?: { readonly type: string }): void =>
    (event?.type === 'pagehide' || (pausesHidden && globalThis.document?.hidden) ? onGone : onSeen)();
  // Not by an AbortSignal: where a DOM for tests has the network of Node.js, it takes none of Node.js's.
  events.forEach((event) => globalThis.addEventListener?.(event, look));
  return {
    look,
    leave: () => events.forEach((event) => globalThis.removeEventListener?.(event, look)),
  };
}
