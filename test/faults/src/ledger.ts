import { placeOf } from './place.js';
import { until } from './until.js';

/** An event that was given to a node to publish. */
export interface Publication {
  /** Its data, too. */
  readonly number: number;
  readonly channel: string;
  /** The highest place that was acknowledged before this was published: its own is higher. */
  readonly floor: number;
  /** `unanswered`: its node has died, or has not said anything yet. */
  outcome: 'unanswered' | 'acknowledged' | 'rejected';
  /** Once it is acknowledged. */
  id: string;
  /** When it was acknowledged, as `performance.now()`. */
  acknowledgedAt: number;
}

/** What was published, and what came of it: what clients have to have in the end. */
export class Ledger {
  readonly publications: Publication[] = [];
  /** Acknowledged with a place that is not after all that had been acknowledged before. */
  readonly misplaced: Publication[] = [];
  /** How often publishing has failed with which code. */
  readonly rejections = new Map<string, number>();
  private highest = 0;

  begin(channel: string): Publication {
    const publication: Publication = {
      number: this.publications.length,
      channel,
      floor: this.highest,
      outcome: 'unanswered',
      id: '',
      acknowledgedAt: Infinity,
    };
    this.publications.push(publication);
    return publication;
  }

  acknowledge(publication: Publication, id: string): void {
    Object.assign(publication, { outcome: 'acknowledged', id, acknowledgedAt: performance.now() });
    if (!(placeOf(id) > publication.floor)) {
      this.misplaced.push(publication);
    }
    this.highest = Math.max(this.highest, placeOf(id));
  }

  reject(publication: Publication, code: string): void {
    publication.outcome = 'rejected';
    this.rejections.set(code, (this.rejections.get(code) ?? 0) + 1);
  }

  /** Resolves when so many more have been acknowledged; rejects if that takes too long. */
  async acknowledgedMore(count: number): Promise<void> {
    const wanted = this.count('acknowledged') + count;
    await until(() => this.count('acknowledged') >= wanted);
  }

  count(outcome: Publication['outcome']): number {
    return this.publications.filter((publication) => publication.outcome === outcome).length;
  }
}
