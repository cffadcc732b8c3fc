import { describe, expect, it } from '@jest/globals';

import { OfflineModel, type Wait } from './offline-model.js';

const never = new AbortController().signal;
const atOnce: Wait = () => Promise.resolve();

async function answer(prompt: string): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of new OfflineModel(30, atOnce).generate(prompt, never)) {
    pieces.push(piece);
  }
  return pieces;
}

describe('OfflineModel', () => {
  it('says that it is no model, and how to get one', async () => {
    for (const prompt of ['What is SSE?', 'Write a poem about autumn', '?']) {
      const text = (await answer(prompt)).join('');
      expect(text).toMatch(/no language model|without a model|No model/i);
      expect(text).toContain('LLM_BASE_URL');
    }
  });

  it('gives the same question the same text, and others another', async () => {
    const texts = await Promise.all(
      ['one', 'two', 'three', 'four', 'one'].map(async (prompt) => (await answer(prompt)).join('')),
    );
    expect(texts[4]).toBe(texts[0]);
    expect(new Set(texts).size).toBeGreaterThan(2);
  });

  it('repeats a word of the question, and takes nothing in it for a pattern', async () => {
    expect((await answer('What is a $&$1longword?')).join('')).toContain('“1longword”');
    expect((await answer('a b c')).join('')).not.toContain('{topic}');
  });

  it('comes in short pieces, none of them empty, at its pace', async () => {
    const waits: number[] = [];
    const wait: Wait = (ms) => {
      waits.push(ms);
      return Promise.resolve();
    };
    const pieces: string[] = [];
    for await (const piece of new OfflineModel(50, wait).generate('What is SSE?', never)) {
      pieces.push(piece);
    }
    expect(pieces.every((piece) => piece.trim().length > 0 && piece.trim().length <= 6)).toBe(true);
    expect(waits).toEqual(pieces.map(() => 20));
  });

  it('ends when it is aborted, in the middle of a wait', async () => {
    const stop = new AbortController();
    const pieces = new OfflineModel(1 / 60).generate('What is SSE?', stop.signal);
    const first = pieces.next();
    stop.abort();
    expect(await first).toEqual({ value: undefined, done: true });
  });
});
