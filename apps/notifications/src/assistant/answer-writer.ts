import type { SseEvent } from '@nestcast/sse';
import { Inject, Injectable, Logger } from '@nestjs/common';

import { AnswerClaims, type Draft, type Outcome } from './answer-claims.js';
import type { AnswerEvents } from './answer-events.js';
import { figuresOf } from './answer-figures.js';
import type { AnswerFigures } from './answer.js';
import { type AnswerRow, endOf } from './answer-row.js';
import { ModelError } from './model-error.js';
import { TextModel } from './text-model.js';

const PROGRESS_EVERY_MS = 500;
const SAVE_EVERY_MS = 1_000;
/** Some models never come to an end. UTF-16 code units. */
const LONGEST = 100_000;
/** Nobody is told more of it than this: it may be anything. */
const UNKNOWN_FAILURE = 'The answer could not be written. Try again in a moment.';
// PostgreSQL has no place for it in a text.
const NUL = /\0/g;

/** Milliseconds that only ever rise; the time of day is of no interest. */
export type Stopwatch = () => number;
export const Stopwatch = Symbol('Stopwatch');

/** Lets the model write an answer: its events, and its row in the table. */
@Injectable()
export class AnswerWriter {
  private readonly logger = new Logger(AnswerWriter.name);

  constructor(
    private readonly claims: AnswerClaims,
    @Inject(TextModel) private readonly model: TextModel,
    @Inject(Stopwatch) private readonly now: Stopwatch,
  ) {}

  /**
   * The answer's events, to the one that tells its end; what it tells as the end is in the table by then. However it ends,
   * the model has let go.
   */
  async *write({ id, prompt, model }: AnswerRow, signal: AbortSignal): AsyncGenerator<SseEvent> {
    const progress = new AnswerProgress(this.now);
    let outcome: Pick<Outcome, 'state' | 'error'> = { state: 'interrupted', error: null };
    const finish = (): Promise<AnswerRow | undefined> =>
      this.claims.finish(id, progress.draft, { ...outcome, durationMs: progress.elapsedMs() });
    let finished = false;
    try {
      yield event('start', { id, prompt, model });
      try {
        outcome = (yield* this.tokens(id, prompt, progress, signal))
          ? { state: 'completed', error: null }
          : outcome;
      } catch (error) {
        outcome = { state: 'failed', error: this.explain(id, error) };
      }
      finished = true;
      const row = await finish();
      // Taken over by another process, which tells it.
      const end = row && endOf(row);
      if (end) {
        yield end;
      }
    } finally {
      // Nobody takes its events any more: the broker is away, or the jobs of this process are ended.
      if (!finished) {
        await finish();
      }
    }
  }

  /** @returns whether the model has come to its end */
  private async *tokens(
    id: string,
    prompt: string,
    progress: AnswerProgress,
    signal: AbortSignal,
  ): AsyncGenerator<SseEvent, boolean> {
    for await (const raw of this.model.generate(prompt, signal)) {
      const piece = raw.replace(NUL, '');
      if (signal.aborted) {
        return false;
      }
      if (piece === '') {
        continue;
      }
      if (progress.draft.text.length + piece.length > LONGEST) {
        throw new ModelError('TOO_LONG');
      }
      // Measured as it comes: publishing takes its own time.
      const offset = progress.draft.text.length;
      progress.add(piece);
      const figures = progress.isDue('told', PROGRESS_EVERY_MS) ? progress.figures() : undefined;
      const unsaved = progress.isDue('saved', SAVE_EVERY_MS);
      yield event('token', { offset, text: piece });
      if (figures) {
        yield event('progress', figures);
      }
      if (unsaved && !(await this.save(id, progress.draft))) {
        return false;
      }
    }
    return !signal.aborted;
  }

  /** A database that is away for a moment ends no answer: what counts is the last save. */
  private async save(id: string, draft: Draft): Promise<boolean> {
    try {
      return await this.claims.save(id, draft);
    } catch (error) {
      this.logger.warn(`The answer ${id} could not be saved, and goes on: ${String(error)}`);
      return true;
    }
  }

  private explain(id: string, error: unknown): string {
    if (error instanceof ModelError) {
      this.logger.warn(`The answer ${id} has failed: ${error.code} ${error.status ?? ''} ${error.message}`);
      return error.message;
    }
    this.logger.error(`The answer ${id} has failed:`, error);
    return UNKNOWN_FAILURE;
  }
}

function event<Type extends keyof AnswerEvents>(type: Type, data: AnswerEvents[Type]): SseEvent {
  return { type, data };
}

/** What there is of an answer, and when something of it was last done. */
class AnswerProgress {
  draft: Draft = { text: '', tokens: 0, firstTokenMs: null };
  private readonly began: number;
  private readonly last: Record<'told' | 'saved', number>;

  constructor(private readonly now: Stopwatch) {
    this.began = now();
    this.last = { told: this.began, saved: this.began };
  }

  elapsedMs(): number {
    return Math.round(this.now() - this.began);
  }

  figures(): AnswerFigures {
    return figuresOf({ ...this.draft, durationMs: this.elapsedMs() });
  }

  add(piece: string): void {
    const { text, tokens, firstTokenMs } = this.draft;
    this.draft = {
      text: text + piece,
      tokens: tokens + 1,
      firstTokenMs: firstTokenMs ?? this.elapsedMs(),
    };
  }

  isDue(what: 'told' | 'saved', everyMs: number): boolean {
    const now = this.now();
    if (now - this.last[what] < everyMs) {
      return false;
    }
    this.last[what] = now;
    return true;
  }
}
