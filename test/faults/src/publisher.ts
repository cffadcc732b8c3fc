import { setTimeout as delay } from 'node:timers/promises';
import { type AppNode, CommandError, NodeGone } from './app-node.js';
import { channelOfEvent } from './channels.js';
import type { Ledger, Publication } from './ledger.js';

const TICK_MS = 5;
const RETRY_MS = 50;
const INSISTS_FOR_MS = 20_000;

/** Publishes at a rate, on all nodes that live, and writes down what comes of it. */
export class Publisher {
  private readonly running = new Set<Promise<unknown>>();
  private ticking: NodeJS.Timeout | undefined;
  private published = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly nodes: readonly AppNode[],
  ) {}

  /** @param rate events a second */
  start(rate: number): void {
    const began = performance.now();
    const before = this.published;
    this.ticking = setInterval(() => {
      const due = ((performance.now() - began) / 1_000) * rate;
      while (this.published - before < due) {
        void this.publish(channelOfEvent(this.published));
      }
    }, TICK_MS);
  }

  /** Resolves when every event that a node was given has an answer, or its node has died. */
  async stop(): Promise<void> {
    clearInterval(this.ticking);
    await Promise.all(this.running);
  }

  /**
   * Publishes until it is acknowledged, each time as an event of its own.
   *
   * @throws Error if it still isn't after a while
   */
  async publishForSure(channel: string): Promise<Publication> {
    for (const began = performance.now(); performance.now() - began < INSISTS_FOR_MS;) {
      const publication = await this.publish(channel);
      if (publication.outcome === 'acknowledged') {
        return publication;
      }
      await delay(RETRY_MS);
    }
    throw new Error(`Publishing to ${channel} has failed for ${INSISTS_FOR_MS} ms after all was repaired.`);
  }

  private publish(channel: string): Promise<Publication> {
    const alive = this.nodes.filter((node) => node.alive);
    // In threes, so that each channel's come from all nodes.
    const node = alive[Math.floor(this.published / 3) % alive.length];
    this.published += 1;
    const publication = this.ledger.begin(channel);
    const running = node ? this.publishOn(node, publication) : Promise.resolve();
    this.running.add(running);
    return running.then(() => {
      this.running.delete(running);
      return publication;
    });
  }

  private async publishOn(node: AppNode, publication: Publication): Promise<void> {
    try {
      const id = await node.ask('publish', publication.channel, String(publication.number));
      this.ledger.acknowledge(publication, id);
    } catch (error) {
      if (error instanceof CommandError) {
        this.ledger.reject(publication, error.code ?? error.message);
      } else if (!(error instanceof NodeGone)) {
        throw error;
      }
    }
  }
}
