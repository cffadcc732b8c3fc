import { describe, expect, it } from '@jest/globals';
import type { BrokerEvent } from '../event.js';
import { brokerEvent } from '../spec-support/records.js';
import { replayPieces } from './replay-pieces.js';

const large = 'x'.repeat(64 * 1024);
const event = (seq: number, data = 'x'): BrokerEvent => brokerEvent(seq, { data });

function piecesOf(events: readonly BrokerEvent[], unwanted: readonly number[], opening = '') {
  const wants = ({ seq }: BrokerEvent): boolean => !unwanted.includes(seq);
  return [...replayPieces(events, wants, opening)].map(({ text, count, through }) => ({
    ids: [...text.matchAll(/^id: e\.(\d+)$/gm)].map(([, seq]) => Number(seq)),
    count,
    through: through.seq,
    opened: opening !== '' && text.startsWith(opening),
  }));
}

describe('the pieces of a page', () => {
  it('are one where it is small, and go through what is not wanted', () => {
    expect(
      piecesOf(
        [1, 2, 3, 4].map((seq) => event(seq)),
        [1, 4],
      ),
    ).toEqual([{ ids: [2, 3], count: 2, through: 4, opened: false }]);
  });

  it('end behind what is large', () => {
    const events = [event(1), event(2, large), event(3), event(4, large)];
    expect(piecesOf(events, [], ': opening\n\n')).toEqual([
      { ids: [1, 2], count: 2, through: 2, opened: true },
      { ids: [3, 4], count: 2, through: 4, opened: false },
    ]);
  });

  it('are never empty: in chunks that would be the end', () => {
    const events = [event(1, large), event(2), event(3)];
    expect(piecesOf(events, [2, 3])).toEqual([{ ids: [1], count: 1, through: 1, opened: false }]);
    expect(piecesOf(events, [1, 2, 3], large)).toEqual([]);
    expect(piecesOf([], [], 'opening')).toEqual([]);
  });

  it('count no mark of an end', () => {
    const events = [event(1), brokerEvent(2, { data: undefined, final: true })];
    expect(piecesOf(events, [])).toEqual([{ ids: [1, 2], count: 1, through: 2, opened: false }]);
  });
});
