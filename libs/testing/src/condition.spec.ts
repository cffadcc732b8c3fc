import { describe, expect, it } from '@jest/globals';
import { Condition } from './condition.js';

describe('Condition', () => {
  it('gives each change to the longest waiting first', async () => {
    const condition = new Condition();
    const items: number[] = [];
    const take = (): Promise<number> => condition.until(() => items.shift(), 1_000, String);
    const waits = [take(), take()];
    items.push(1, 2);
    condition.changed();
    expect(await Promise.all(waits)).toEqual([1, 2]);
  });

  it('says what it was waiting for, and where the wait began', async () => {
    const wait = new Condition().until(
      () => undefined,
      1,
      () => 'nothing came',
    );
    await expect(wait).rejects.toThrow('nothing came');
    await expect(wait).rejects.toMatchObject({ cause: { stack: expect.stringContaining('condition.spec') } });
  });

  it('rejects with what the probe throws', async () => {
    const condition = new Condition();
    let ended = false;
    const wait = condition.until(
      () => {
        if (ended) {
          throw new Error('ended');
        }
      },
      Infinity,
      String,
    );
    ended = true;
    condition.changed();
    await expect(wait).rejects.toThrow('ended');
  });
});
