import type { BrokerEvent } from '../../event.js';
import { Outbox } from './outbox.js';
import { type ToNode, lengthOf, packEvent } from './protocol.js';

/** What the primary keeps for a node that doesn't read; characters. */
const MAX_BACKLOG = 16 * 1_024 * 1_024;
/** What an answer or another short frame is taken for. */
const SHORT = 64;

/**
 * What goes from the primary to one node. A node that doesn't read makes the primary keep so much and no more: then events are
 * left out until it reads again, when it is told of which channels, and reads them in the log. Answers are always kept.
 */
export class NodeOutbox {
  private readonly outbox: Outbox<ToNode>;
  /** Characters of the events that are held back. */
  private heldBack = 0;
  /** The channels of events that have been left out; there is one while the node doesn't read. */
  private leftOut: Set<string> | undefined;

  /** @param onRead called when the node has taken all that was on its way to it */
  constructor(
    send: (frames: readonly ToNode[], sent: () => void) => void,
    private readonly onRead: () => void,
    private readonly maxBacklog = MAX_BACKLOG,
  ) {
    this.outbox = new Outbox(
      (frames, sent) => {
        this.heldBack = 0;
        send(frames, sent);
      },
      () => this.read(),
    );
  }

  /** Whether the node is so far behind that it is asked to wait for its answers. */
  get congested(): boolean {
    return this.outbox.backlog > this.maxBacklog / 2;
  }

  /** @param length about how many characters it has */
  push(frame: ToNode, length = SHORT): void {
    this.outbox.push(frame, length);
  }

  event(event: BrokerEvent): void {
    const length = lengthOf(event);
    const { backlog, last } = this.outbox;
    if (!this.leftOut && backlog > 0 && backlog + length > this.maxBacklog) {
      this.leaveOut();
    }
    if (this.leftOut) {
      this.note(event.channel, event.ephemeral);
      return;
    }
    this.heldBack += length;
    if (last?.kind === 'events') {
      last.events.push(packEvent(event));
      this.outbox.grow(length);
    } else {
      this.outbox.push({ kind: 'events', events: [packEvent(event)] }, length);
    }
  }

  close(): void {
    this.outbox.close();
  }

  /** From here on until the node reads, and all events that it hasn't been sent yet. */
  private leaveOut(): void {
    this.leftOut = new Set();
    const isEvents = (frame: ToNode): boolean => {
      if (frame.kind !== 'events') {
        return false;
      }
      frame.events.forEach(([record, channel]) => this.note(channel, record[4]));
      return true;
    };
    this.outbox.remove(isEvents, this.heldBack);
    this.heldBack = 0;
  }

  /** An ephemeral event is for who is there at its time: nobody would find it in the log. */
  private note(channel: string, ephemeral: boolean): void {
    if (!ephemeral) {
      this.leftOut?.add(channel);
    }
  }

  private read(): void {
    const { leftOut } = this;
    this.leftOut = undefined;
    if (leftOut && leftOut.size > 0) {
      this.push({ kind: 'interruption', channels: [...leftOut] });
    }
    this.onRead();
  }
}
