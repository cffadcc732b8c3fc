import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { CLOSINGS, DETAILS, ECHOES, EXPLANATIONS, OPENINGS } from './offline-phrases.js';
import type { TextModel } from './text-model.js';

/** About what a small model does on a laptop. */
const TOKENS_PER_SECOND = 30;
const SHORTEST_TOPIC = 4;

/** Rejects when the signal is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

const realWait: Wait = (ms, signal) => delay(ms, undefined, { signal });

/**
 * In place of a model where none is configured: sentences from a small grammar, which say that they are no more than that.
 * The same question gets the same text.
 */
export class OfflineModel implements TextModel {
  readonly name = 'offline text generator';

  constructor(
    private readonly tokensPerSecond = TOKENS_PER_SECOND,
    private readonly wait = realWait,
  ) {}

  async *generate(prompt: string, signal: AbortSignal): AsyncGenerator<string> {
    for (const piece of piecesOf(textFor(prompt))) {
      try {
        await this.wait(1_000 / this.tokensPerSecond, signal);
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        throw error;
      }
      yield piece;
    }
  }
}

function textFor(prompt: string): string {
  const dice = createHash('sha256').update(prompt).digest();
  const pick = (phrases: readonly string[], index: number): string =>
    phrases[dice.readUInt8(index) % phrases.length] ?? '';
  const topic = topicOf(prompt);
  const echo = topic === undefined ? [] : [pick(ECHOES, 1).replace('{topic}', () => topic)];
  return [pick(OPENINGS, 0), ...echo, pick(EXPLANATIONS, 2), pick(DETAILS, 3), pick(CLOSINGS, 4)].join(
    '\n\n',
  );
}

/** The longest word, if there is one that may be about something. */
function topicOf(prompt: string): string | undefined {
  const words = prompt.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}-]*/gu) ?? [];
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best), '');
  return longest.length < SHORTEST_TOPIC ? undefined : longest.slice(0, 40);
}

/** Short words as they are, long ones in two, as tokens come. */
function piecesOf(text: string): string[] {
  return text.match(/\s*\S{1,6}/gu) ?? [];
}
