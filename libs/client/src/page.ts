/**
 * Follows the page, as it is now and from now on; outside of one it is there to be seen.
 *
 * @param life ends it once it is aborted
 * @param pausesHidden whether being hidden counts as gone
 * @param onGone it goes: to the back/forward cache, perhaps
 * @param onSeen it is there
 * @param onReturn it has come out of the back/forward cache: maybe long after, and in another network
 */
export function followPage(
  life: AbortController,
  pausesHidden: boolean | undefined,
  onGone: () => void,
  onSeen: () => void,
  onReturn: () => void,
): void {
  const onChange = ({ type, persisted }: { readonly type?: string; readonly persisted?: boolean }): void =>
    (type === 'pagehide' || (pausesHidden && globalThis.document?.hidden)
      ? onGone
      : persisted
        ? onReturn
        : onSeen)();
  ['pagehide', 'pageshow', ...(pausesHidden ? ['visibilitychange'] : [])].forEach((event) =>
    globalThis.addEventListener?.(event, onChange, life),
  );
  onChange({});
}
