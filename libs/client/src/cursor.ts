import type { Cursor } from './source.js';

/** @param key under which it is kept in the tab's session storage, over page loads; `undefined`: it isn't */
export function createCursor(key: string | false | undefined): Cursor {
  // A page may be denied its storage, or have it full: then the cursor lives as long as the page.
  const stored = (use: (storage: Storage, name: string) => unknown): unknown => {
    try {
      return key && use(sessionStorage, key);
    } catch {
      return undefined;
    }
  };
  let id = (stored((storage, name) => storage.getItem(name)) ?? '') as string;
  return {
    get id() {
      return id;
    },
    move(next) {
      id = next;
      stored((storage, name) => storage.setItem(name, next));
    },
    forget() {
      stored((storage, name) => storage.removeItem(name));
    },
  };
}
