/** Gathers items, and gives them out once a frame: however fast they come, the page is drawn once for all of them. */
export interface FrameQueue<Item> {
  add(this: void, item: Item): void;
  /** Gives out what is there, now. */
  flush(this: void): void;
  /** Forgets what is there. */
  clear(this: void): void;
}

/** A page that isn't seen has no frames: there what has gathered is given out when it is seen again, or flushed. */
export function createFrameQueue<Item>(take: (items: readonly Item[]) => void): FrameQueue<Item> {
  let items: Item[] = [];
  let frame: number | undefined;

  function clear(): void {
    if (frame !== undefined) {
      cancelAnimationFrame(frame);
    }
    [items, frame] = [[], undefined];
  }

  function flush(): void {
    const gathered = items;
    clear();
    if (gathered.length > 0) {
      take(gathered);
    }
  }

  return {
    add(item) {
      items.push(item);
      frame ??= requestAnimationFrame(flush);
    },
    flush,
    clear,
  };
}
