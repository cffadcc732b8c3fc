/**
 * Follows the page, as it is now and from now on; outside of one it is there to be seen.
 *
 * @param pausesHidden whether being hidden counts as gone
 * @param onGone it goes: to the back/forward cache, perhaps
 * @param onSeen it is there
 * @param onReturn it has come out of the back/forward cache: maybe long after, and in another network
 * @returns what ends it
 */
export function followPage(
  pausesHidden: boolean | undefined,
  onGone: () => void,
  onSeen: () => void,
  onReturn: () => void,
): () => void {
  const events = ['pagehide', 'pageshow', ...(pausesHidden ? ['visibilitychange'] : [])];
  const onChange = ({ type, persisted }: { readonly type?: string; readonly persisted?: boolean }): void =>
    (type === 'pagehide' || (pausesHidden && globalThis.document?.hidden)
      ? onGone
      : persisted
        ? onReturn
        : onSeen)();
  events.forEach((event) => globalThis.addEventListener?.(event, onChange));
  onChange({});
  return () => events.forEach((event) => globalThis.removeEventListener?.(event, onChange));
}
