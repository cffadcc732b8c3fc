import { beforeEach, describe, expect, it } from '@jest/globals';
import { createCursor } from '../cursor.js';
import type { Block } from '../event-stream.js';
import type { Cursor } from '../source.js';
import { PLACES, type PassedPlaces, createPassedPlaces } from './passed-places.js';

let cursor: Cursor;
let places: PassedPlaces;

function begin(id: string): void {
  cursor = createCursor(undefined);
  cursor.move(id);
  places = createPassedPlaces(cursor);
}

/** As a client does. */
function deliver(block: Partial<Block>): void {
  places.pass({ type: 'message', id: undefined, data: '', ...block });
  if (block.id !== undefined) {
    cursor.move(block.id);
  }
}

beforeEach(() => begin('0'));

describe('the places of a tab', () => {
  it('are where it begins and each that it has come to', () => {
    deliver({ id: '1' });
    deliver({});
    deliver({ id: '2' });
    expect(['0', '1', '2', '3', ''].map((id) => places.has(id))).toEqual([true, true, true, false, false]);
  });

  it('are none but the beginning where there is no id', () => {
    begin('');
    expect(places.has('')).toBe(true);
    deliver({ id: '1' });
    expect(places.has('')).toBe(false);
  });

  it('are none before a gap, once it has gone on', () => {
    deliver({ id: '1' });
    deliver({ type: 'sse:gap' });
    expect(['0', '1'].map((id) => places.has(id))).toEqual([false, true]);
    deliver({ id: '5' });
    expect(['1', '5'].map((id) => places.has(id))).toEqual([false, true]);
  });

  it('are only the newest', () => {
    for (let id = 1; id <= PLACES + 1; id += 1) {
      deliver({ id: String(id) });
    }
    expect(['1', '2'].map((id) => places.has(id))).toEqual([false, true]);
  });
});
