import type { Broker } from '../broker/broker.js';
import type { Cancel, Clock } from '../clock.js';
import { Patience } from '../patience.js';
import type { Presence } from '../presence.js';
import { SseError } from '../sse-error.js';
import { NodeChannel } from './node-channel.js';
import { type HubNode, NodeDirectory } from './node-directory.js';
import { type Change, type NodeAnswer, type NodeMessage, answersChannel } from './node-message.js';
import type { Nodes } from './nodes.js';
import type { OwnConnections } from './own-connections.js';
import { Questions } from './questions.js';

/** Between two signs of life; milliseconds. */
const BEAT_MS = 2_000;
/** Each so many beats a node looks into the log by itself, lest its place in it grow old. */
const BEATS_A_LOOK = 15;
/** How long the broker may take for a change, and then the others for their answers; milliseconds. */
const PATIENCE_MS = 1_000;

export interface SharedNodesContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly onError: (error: unknown, what: string) => void;
}

/**
 * A node among others that use the same log. What is asked of all nodes' connections goes through the broker, in one order
 * with the events, so that it finds a node that was cut off as well, and works over every broker that is shared.
 */
export class SharedNodes implements Nodes {
  private readonly channel: NodeChannel;
  private readonly directory: NodeDirectory;
  private readonly questions: Questions;
  private readonly patience: Patience;
  /** Changes of this node whose answers are waited for. */
  private readonly waiting = new Map<string, () => Promise<number>>();
  private cancelBeat: Cancel | undefined;
  private beats = 0;
  private beating = false;
  /** Whether it has heard its own last sign of life, as it hears those of others. */
  private hearsItself = true;
  /** Whether the last attempt to reach the others failed: it is reported once. */
  private isAlone = false;

  constructor(
    private readonly id: string,
    private readonly own: OwnConnections,
    private readonly context: SharedNodesContext,
  ) {
    const { broker, clock, onError } = context;
    this.directory = new NodeDirectory(clock);
    this.questions = new Questions(clock, PATIENCE_MS);
    this.patience = new Patience(clock, PATIENCE_MS);
    this.channel = new NodeChannel(id, broker, clock, {
      message: (message) => this.hear(message),
      past: (message, at) => this.remember(message, at),
      missed: () => this.missed(),
      onError,
    });
    this.beat();
  }

  async change(change: Change): Promise<number> {
    const act = once(this.own.select(change));
    const { id, answers } = this.questions.ask([this.id, ...this.others()]);
    this.waiting.set(id, act);
    try {
      await this.patience.of(this.tell({ kind: 'change', id, node: this.id, change }));
    } catch (cause) {
      this.questions.end(id);
      this.waiting.delete(id);
      await act();
      throw untold(cause);
    }
    if (!this.channel.joined) {
      this.carryOut(id);
    }
    const given = await answers;
    this.waiting.delete(id);
    // It may be under way still, or not have come by: the node is cut off then.
    const own = await act();
    return given.reduce((sum, { count = 0 }) => sum + count, own);
  }

  async presence(channel: string): Promise<Presence[]> {
    const others = this.others();
    const own = { presence: this.own.presence(channel) };
    if (others.length === 0 && this.channel.joined) {
      return own.presence;
    }
    const { id, answers } = this.questions.ask(others);
    try {
      await this.patience.of(this.channel.say({ kind: 'presence', id, node: this.id, channel }));
    } catch (error) {
      this.questions.end(id);
      throw error;
    }
    return merged([own, ...(await answers)]);
  }

  list(): HubNode[] {
    return [{ id: this.id, self: true, connections: this.own.count }, ...this.directory.others()];
  }

  async leave(): Promise<void> {
    this.cancelBeat?.();
    this.questions.endAll();
    this.patience.end();
    this.channel.end();
    await this.channel.say({ kind: 'gone', node: this.id });
  }

  private others(): string[] {
    return this.directory.others().map(({ id }) => id);
  }

  /** After what has been published on this node before. */
  private async tell(message: NodeMessage): Promise<void> {
    await this.own.sent();
    await this.channel.say(message);
  }

  /** Makes a change of this node's own in its place in the order; what that fails with is thrown to whoever has asked for it. */
  private carryOut(id: string): void {
    const made = (): void => this.questions.answered(id, this.id, {});
    this.waiting.get(id)?.().then(made, made);
  }

  private hear(message: NodeMessage): void {
    const { node } = message;
    if (node === this.id) {
      if (message.kind === 'change') {
        this.carryOut(message.id);
      } else if (message.kind === 'alive') {
        this.hearsItself = true;
      }
      return;
    }
    switch (message.kind) {
      case 'change':
        this.answer(
          message,
          this.own
            .select(message.change)()
            .then((count) => ({ count })),
        );
        break;
      case 'presence':
        this.answer(message, Promise.resolve({ presence: this.own.presence(message.channel) }));
        break;
      case 'answer':
        this.questions.answered(message.id, node, message.answer);
        break;
      case 'alive':
        this.directory.alive(node, message.connections);
        if (message.isNew) {
          this.sayAlive(false).catch((error: unknown) => this.alone(error));
        }
        break;
      case 'gone':
        this.directory.gone(node);
        this.questions.gone(node);
    }
  }

  private answer(
    { id, node }: { readonly id: string; readonly node: string },
    work: Promise<NodeAnswer>,
  ): void {
    work
      .then((answer) => this.channel.say({ kind: 'answer', id, node: this.id, answer }, answersChannel(node)))
      .catch((error: unknown) => this.context.onError(error, `answering the node ${node}`));
  }

  private remember(message: NodeMessage, at: number): void {
    if (message.kind === 'change') {
      this.own.remember(message.change, at);
    }
  }

  /** Whose right has been taken back meanwhile is not known any more: let the guards decide. */
  private missed(): void {
    if (this.own.count === 0) {
      return;
    }
    const message =
      'This node was cut off for longer than the log keeps what nodes tell each other, or the log has begun anew.';
    this.context.onError(
      new SseError('BROKER_UNAVAILABLE', message),
      'connections that should have been closed, perhaps; all are, and come back',
    );
    this.own.closeAll().catch((error: unknown) => this.context.onError(error, 'closing all connections'));
  }

  private beat(): void {
    this.cancelBeat = this.context.clock.schedule(BEAT_MS, () => this.beat());
    if (!this.hearsItself) {
      this.directory.hold();
    }
    this.hearsItself = false;
    const isLook = this.beats % BEATS_A_LOOK === 0;
    this.beats += 1;
    if (!this.beating) {
      this.beating = true;
      this.live(isLook).catch((error: unknown) => this.alone(error));
    }
  }

  private async live(isLook: boolean): Promise<void> {
    try {
      const isNew = !this.channel.joined;
      if (isLook || !this.channel.upToDate) {
        await this.channel.catchUp();
      }
      await this.patience.of(this.sayAlive(isNew));
      this.isAlone = false;
    } finally {
      this.beating = false;
    }
  }

  private sayAlive(isNew: boolean): Promise<void> {
    return this.channel.say({ kind: 'alive', node: this.id, connections: this.own.count, isNew });
  }

  private alone(error: unknown): void {
    const isOver = error instanceof SseError && error.code === 'BROKER_CLOSED';
    if (!this.isAlone && !isOver) {
      this.isAlone = true;
      this.context.onError(error, 'speaking to the other nodes, which is tried again every 2 s');
    }
  }
}

function once<T>(act: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= act());
}

function untold(cause: unknown): SseError {
  const isClosed = cause instanceof SseError && cause.code === 'BROKER_CLOSED';
  const message =
    'It is done on this node, but other nodes may not have been told: the broker has not taken it. Ask again when it is back.';
  return new SseError(isClosed ? 'BROKER_CLOSED' : 'BROKER_UNAVAILABLE', message, { cause });
}

function merged(answers: readonly NodeAnswer[]): Presence[] {
  const users = new Map<string | undefined, number>();
  for (const { presence = [] } of answers) {
    for (const { userId, connections } of presence) {
      users.set(userId, (users.get(userId) ?? 0) + connections);
    }
  }
  return [...users].map(([userId, connections]) => ({ userId, connections }));
}
