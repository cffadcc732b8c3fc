const EVENTS = ['pagehide', 'pageshow', 'visibilitychange'];

/** What a client does as its page comes and goes. */
export interface PageHandlers {
  /** It is hidden, or goes: to the back/forward cache, perhaps. */
  pause(): void;
  /** It is seen again. */
  resume(): void;
  /** It has come out of the back/forward cache: maybe long after, and in another network. */
  restore(): void;
}

/** Whether there is a page, and nobody can see it. */
export function isHidden(): boolean {
  return globalThis.document?.hidden === true;
}

/**
 * Watches the page; outside of one it does nothing.
 *
 * @param pausesHidden whether being hidden counts
 * @returns what ends it
 */
export function watchPage(pausesHidden: boolean | undefined, handlers: PageHandlers): () => void {
  const onChange = ({ type, persisted }: Event & { readonly persisted?: boolean }): void => {
    if (type === 'pagehide' || (pausesHidden && isHidden())) {
      handlers.pause();
    } else if (persisted) {
      handlers.restore();
    } else if (pausesHidden) {
      handlers.resume();
    }
  };
  EVENTS.forEach((type) => globalThis.addEventListener?.(type, onChange));
  return () => EVENTS.forEach((type) => globalThis.removeEventListener?.(type, onChange));
}
