import { describe, expect, it } from '@jest/globals';

import type { ImportDetails } from '../../src/imports/import.js';
import {
  type ImportAction,
  type ImportView,
  importReducer,
  outcomeOf,
  secondsLeft,
  viewOf,
} from './import-view.js';

const progress = (position: number, rejected = 0) => ({
  position,
  lines: 100,
  sent: position - rejected,
  rejected,
});
const details: ImportDetails = {
  id: '1',
  fileName: 'a.csv',
  state: 'running',
  createdAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
  problems: [],
  ...progress(0),
};
const after = (...actions: ImportAction[]): ImportView => actions.reduce(importReducer, viewOf(details));
const at = (position: number): ImportAction => ({
  type: 'progress',
  data: { ...progress(position), linesPerSecond: 10 },
});
const problem = (line: number): ImportAction => ({ type: 'problem', data: { line, message: 'bad' } });

describe('importReducer()', () => {
  it('keeps the furthest progress, in whatever order it hears of it', () => {
    expect(after(at(20), at(10))).toMatchObject({ position: 20, linesPerSecond: 10 });
    expect(after(at(20), { type: 'fetched', details: { ...details, ...progress(10) } }).position).toBe(20);
    expect(after(at(20), { type: 'fetched', details: { ...details, ...progress(30) } }).position).toBe(30);
  });

  it('lists each problem once, in the order of the file', () => {
    const fetched: ImportAction = {
      type: 'fetched',
      details: {
        ...details,
        problems: [
          { line: 2, message: 'bad' },
          { line: 7, message: 'bad' },
        ],
      },
    };
    const { problems } = after(problem(7), problem(9), fetched, problem(3), problem(9));
    expect(problems.map(({ line }) => line)).toEqual([2, 3, 7, 9]);
  });

  it('stays with the end', () => {
    const completed: ImportAction = { type: 'completed', data: progress(100, 2) };
    const stale: ImportAction = {
      type: 'fetched',
      details: { ...details, problems: [{ line: 4, message: 'bad' }] },
    };
    expect(after(at(50), completed, at(60), stale)).toMatchObject({
      state: 'completed',
      position: 100,
      sent: 98,
      problems: [{ line: 4 }],
    });
    expect(after(at(50), { type: 'cancelled', data: progress(60) })).toMatchObject({
      state: 'cancelled',
      position: 60,
    });
    expect(after({ type: 'failed', data: { ...progress(60), message: 'Why' } })).toMatchObject({
      state: 'failed',
      failure: 'Why',
    });
    expect(after({ type: 'fetched', details: { ...details, state: 'cancelled' } }).state).toBe('cancelled');
  });
});

describe('what it says of an import', () => {
  it('counts in words', () => {
    expect(outcomeOf({ ...details, ...progress(1_201, 1), state: 'completed' })).toBe(
      'The import of a.csv is complete: 1,200 lines sent, 1 problem.',
    );
  });

  it('tells how long it takes, once it knows', () => {
    expect([secondsLeft(after()), secondsLeft(after(at(45)))]).toEqual([undefined, 6]);
  });
});
