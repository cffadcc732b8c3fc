import { describe, expect, it } from '@jest/globals';
import { type Observable, Subject, filter, firstValueFrom, map, share } from 'rxjs';
import { IsolatedObservable } from './isolated-observable.js';

function fixture() {
  const subject = new Subject<number>();
  const reported: unknown[] = [];
  const isolated = new IsolatedObservable(subject, (error) => reported.push(error), 'numbers');
  return { subject, reported, isolated };
}

describe('IsolatedObservable', () => {
  it.each([
    ['directly', (observable: Observable<number>) => observable],
    [
      'behind operators',
      (observable: Observable<number>) =>
        observable.pipe(
          filter((value) => value > 0),
          map((value) => value),
        ),
    ],
    ['behind share()', (observable: Observable<number>) => observable.pipe(share())],
  ])('reports what a subscriber %s throws, and goes on for it and the others', (_how, behind) => {
    const { subject, reported, isolated } = fixture();
    const seen: string[] = [];
    const observable = behind(isolated);
    observable.subscribe((value: number) => {
      seen.push(`first ${value}`);
      throw new Error(`no ${value}`);
    });
    observable.subscribe({ next: (value: number) => seen.push(`second ${value}`) });
    subject.next(1);
    subject.next(2);
    expect(seen).toEqual(['first 1', 'second 1', 'first 2', 'second 2']);
    expect(reported).toEqual([new Error('no 1'), new Error('no 2')]);
  });

  it("hands an operator's error to its subscriber, and reports it where nobody handles it", () => {
    const { subject, reported, isolated } = fixture();
    const failing = isolated.pipe(
      map(() => {
        throw new Error('operator');
      }),
    );
    const handled: unknown[] = [];
    failing.subscribe({ error: (error: unknown) => handled.push(error) });
    failing.subscribe(() => undefined);
    subject.next(1);
    expect(handled).toEqual([new Error('operator')]);
    expect(reported).toEqual([new Error('operator')]);
  });

  it('completes and unsubscribes as any', async () => {
    const { subject, isolated } = fixture();
    const first = firstValueFrom(isolated);
    subject.next(7);
    expect(await first).toBe(7);
    expect(subject.observed).toBe(false);
    const ends: string[] = [];
    isolated.subscribe({ complete: () => ends.push('complete') });
    subject.complete();
    expect(ends).toEqual(['complete']);
  });
});
