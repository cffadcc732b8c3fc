import type { Cancel, Clock } from '../clock.js';
import type { NodeAnswer } from './node-message.js';

interface Question {
  /** Who has not answered yet. */
  readonly awaited: Set<string>;
  readonly answers: Map<string, NodeAnswer>;
  readonly resolve: (answers: readonly NodeAnswer[]) => void;
  readonly cancelPatience: Cancel;
}

/** What this node has asked others, and how long it waits for them. */
export class Questions {
  private readonly open = new Map<string, Question>();
  private asked = 0;

  constructor(
    private readonly clock: Clock,
    private readonly patienceMs: number,
  ) {}

  /**
   * @param nodes who is expected to answer; where there is nobody, whoever does within the patience
   * @returns the question's id, and what has come when all have answered, or after the patience for it
   */
  ask(nodes: readonly string[]): { readonly id: string; readonly answers: Promise<readonly NodeAnswer[]> } {
    this.asked += 1;
    const id = String(this.asked);
    const answers = new Promise<readonly NodeAnswer[]>((resolve) => {
      const cancelPatience = this.clock.schedule(this.patienceMs, () => this.end(id));
      this.open.set(id, { awaited: new Set(nodes), answers: new Map(), resolve, cancelPatience });
    });
    return { id, answers };
  }

  answered(id: string, node: string, answer: NodeAnswer): void {
    const question = this.open.get(id);
    question?.answers.set(node, answer);
    this.expectNoMoreOf(id, node);
  }

  /** A node that has gone answers nothing. */
  gone(node: string): void {
    [...this.open.keys()].forEach((id) => this.expectNoMoreOf(id, node));
  }

  /** Waits for no more answers. */
  end(id: string): void {
    const question = this.open.get(id);
    this.open.delete(id);
    question?.cancelPatience();
    question?.resolve([...question.answers.values()]);
  }

  endAll(): void {
    [...this.open.keys()].forEach((id) => this.end(id));
  }

  private expectNoMoreOf(id: string, node: string): void {
    const awaited = this.open.get(id)?.awaited;
    if (awaited?.delete(node) && awaited.size === 0) {
      this.end(id);
    }
  }
}
