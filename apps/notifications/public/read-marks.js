const KEPT = 300;

/** Which notifications a user has read, remembered in this browser. */
export class ReadMarks {
  #key;
  #ids;

  constructor(userId) {
    this.#key = `nestcast:read:${userId}`;
    this.#ids = new Set(load(this.#key));
  }

  has(id) {
    return this.#ids.has(id);
  }

  add(ids) {
    ids.forEach((id) => this.#ids.add(id));
    this.#ids = new Set([...this.#ids].slice(-KEPT));
    try {
      localStorage.setItem(this.#key, JSON.stringify([...this.#ids]));
    } catch {
      // Storage is full or forbidden: the marks last as long as the page.
    }
  }
}

function load(key) {
  try {
    const ids = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(ids) ? ids : [];
  } catch {
    return [];
  }
}
