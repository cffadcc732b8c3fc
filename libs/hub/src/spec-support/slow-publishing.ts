import type { EventId, EventRecord } from '../event.js';

/** Takes records as a broker does, and answers when the spec says so. */
export class SlowPublishing {
  /** What has been taken, in order. */
  readonly records: EventRecord[] = [];
  /** How many have been taken and not answered. */
  unanswered = 0;
  /** The most of them at a time. */
  mostUnanswered = 0;

  private answers: { resolve(id: EventId): void; reject(error: Error): void }[] = [];
  private answered = 0;

  readonly publish = (record: EventRecord): Promise<EventId> => {
    this.records.push(record);
    this.unanswered += 1;
    this.mostUnanswered = Math.max(this.mostUnanswered, this.unanswered);
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  };

  /** Answers the oldest with its number as an id, or with an error; `false` if none waits. */
  answer(error?: Error): boolean {
    const waiting = this.answers.shift();
    if (!waiting) {
      return false;
    }
    this.unanswered -= 1;
    this.answered += 1;
    if (error) {
      waiting.reject(error);
    } else {
      waiting.resolve(`id ${this.answered}`);
    }
    return true;
  }
}
