import type { Cursor } from './source.js';

/** @param key under which it is kept in the tab's session storage, over page loads; `undefined`: it isn't */
export function createCursor(key: string | undefined): Cursor {
  const storage = key === undefined ? undefined : globalThis.sessionStorage;
  let id = storage?.getItem(key as string) ?? '';
  return {
    get id() {
      return id;
    },
    move(next) {
      id = next;
      storage?.setItem(key as string, id);
    },
    forget() {
      id = '';
      storage?.removeItem(key as string);
    },
  };
}
