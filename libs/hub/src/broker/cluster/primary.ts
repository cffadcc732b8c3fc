import type { Cancel, Clock } from '../../clock.js';
import { SseError } from '../../sse-error.js';
import type { Link } from './link.js';
import { Outbox } from './outbox.js';
import {
  type Answers,
  type Notice,
  type QuestionKind,
  type Questions,
  type ToNode,
  type ToPrimary,
  isEnvelope,
} from './protocol.js';

/** How often a primary that owes an answer is looked at; milliseconds. */
const LOOK_MS = 500;
/** After so many looks without a word from it, it is taken for away. */
const SILENT_LOOKS = 4;

interface Pending {
  readonly settle: (value: never) => void;
  readonly fail: (error: SseError) => void;
}

/** What a node does with what its primary tells by itself. */
export interface PrimaryListener {
  readonly onFrame: (frame: Exclude<ToNode, { kind: 'answer' | 'failure' }>) => void;
}

/** The primary, as one of its nodes sees it: somebody to be asked, who may be silent or gone. */
export class Primary {
  private readonly outbox: Outbox<ToPrimary>;
  private readonly pending = new Map<number, Pending>();
  private readonly listening: readonly (() => void)[];
  private questions = 0;
  private silentLooks = 0;
  private cancelLook: Cancel | undefined;
  /** Why nothing is asked: no more, or until the primary says something. */
  private ended: SseError | undefined;
  private away: SseError | undefined;

  /** @param node the number of this broker in its process */
  constructor(
    link: Link,
    private readonly node: number,
    private readonly clock: Clock,
    private readonly onFrame: PrimaryListener['onFrame'],
  ) {
    this.outbox = new Outbox((frames, sent) => link.send({ nestcast: node, frames }, () => sent()));
    this.listening = [
      link.onMessage((message) => {
        if (isEnvelope<ToNode>(message) && message.nestcast === this.node) {
          this.receive(message.frames);
        }
      }),
      link.onClose(() =>
        this.end(new SseError('BROKER_UNAVAILABLE', 'The primary process is gone, and its log with it.')),
      ),
    ];
  }

  /**
   * @param onAnswer called with the answer in its place between the frames that come with it, sooner than the promise tells
   * @param length about how many characters the question has
   * @throws SseError what the primary has failed with; `BROKER_UNAVAILABLE` if it is silent or gone, `BROKER_CLOSED`
   */
  ask<K extends QuestionKind>(
    kind: K,
    question: Questions[K],
    onAnswer?: (answer: Answers[K]) => void,
    length = 0,
  ): Promise<Answers[K]> {
    const unable = this.ended ?? this.away;
    if (unable) {
      return Promise.reject(unable);
    }
    this.questions += 1;
    const number = this.questions;
    this.outbox.push({ kind, number, ...question } as unknown as ToPrimary, length);
    this.cancelLook ??= this.clock.schedule(LOOK_MS, () => this.look());
    return new Promise((resolve, reject) => {
      const settle = (answer: Answers[K]): void => {
        onAnswer?.(answer);
        resolve(answer);
      };
      this.pending.set(number, { settle, fail: reject });
    });
  }

  /** Tells what needs no answer, in order with what is asked; nothing once all is over, as then nothing is held any more. */
  tell(notice: Notice): void {
    if (!this.ended) {
      this.outbox.push(notice, 0);
    }
  }

  /**
   * Says that the node closes, and asks nothing from here on: what it would be given after that, nobody would give back.
   * Resolves when the primary has heard it, or can't, and all is over.
   */
  async leave(reason: SseError): Promise<void> {
    const heard = this.ask('close', {});
    this.ended = reason;
    // One that refuses, or is away or gone: whatever it holds of this node goes with the node's process.
    await heard.catch(() => undefined);
    this.end(reason);
  }

  /** Nothing is asked from here on, and whoever waits is told why. */
  end(reason: SseError): void {
    this.ended = reason;
    this.outbox.close();
    this.listening.forEach((stop) => stop());
    this.cancelLook?.();
    this.failAll(reason);
  }

  private receive(frames: readonly ToNode[]): void {
    this.silentLooks = 0;
    this.away = undefined;
    for (const frame of frames) {
      if (frame.kind === 'answer') {
        this.take(frame.number)?.settle(frame.value as never);
      } else if (frame.kind === 'failure') {
        this.take(frame.number)?.fail(new SseError(frame.code, frame.message));
      } else {
        this.onFrame(frame);
      }
    }
  }

  /** `undefined` for one that nobody waits for any more. */
  private take(number: number): Pending | undefined {
    const pending = this.pending.get(number);
    this.pending.delete(number);
    return pending;
  }

  /** By looks, and not by time: after a pause of this process its primary's words still wait to be read. */
  private look(): void {
    this.cancelLook = undefined;
    if (this.pending.size === 0) {
      this.silentLooks = 0;
      return;
    }
    this.silentLooks += 1;
    if (this.silentLooks < SILENT_LOOKS) {
      this.cancelLook = this.clock.schedule(LOOK_MS, () => this.look());
      return;
    }
    this.silentLooks = 0;
    this.away = new SseError(
      'BROKER_UNAVAILABLE',
      'The primary process does not answer. Is it blocked? Does it call runCluster() or serveClusterBroker()?',
    );
    this.failAll(this.away);
  }

  private failAll(error: SseError): void {
    const pending = [...this.pending.values()];
    this.pending.clear();
    pending.forEach(({ fail }) => fail(error));
  }
}
