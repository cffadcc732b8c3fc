import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';

import { ServingNode } from '../serving-node/serving-node.js';
import { AnswerClaims } from './answer-claims.js';
import { Assistant } from './assistant.js';

const LOOK_EVERY_MS = 3_000;
/** Several looks: a process that is only slow is not taken for dead. */
const STALE_MS = 15_000;

/**
 * Says that this process is alive, and looks after answers whose process isn't: they are interrupted, and their readers told.
 */
@Injectable()
export class AnswerKeeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(AnswerKeeper.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly claims: AnswerClaims,
    private readonly assistant: Assistant,
    private readonly node: ServingNode,
  ) {}

  /** Where there is only one node, whatever is claimed before the first question was claimed by a process that has died. */
  async onApplicationBootstrap(): Promise<void> {
    await this.look(this.node.name === undefined ? 0 : STALE_MS);
    this.timer = setInterval(() => void this.look(STALE_MS), LOOK_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** @param staleMs for how long nothing may have been said of an answer that is written; milliseconds */
  async keep(staleMs: number): Promise<void> {
    const running = this.assistant.running;
    const going = new Set(await this.claims.renew(running));
    running.filter((id) => !going.has(id)).forEach((id) => this.assistant.stop(id));
    for (const row of await this.claims.takeOver(staleMs, this.assistant.running)) {
      await this.assistant.tellEnd(row);
      await this.claims.release(row.id);
    }
  }

  /** One after the other: a database that is slow is not asked again meanwhile. */
  private look(staleMs: number): Promise<void> {
    this.looking ??= this.keep(staleMs)
      .catch((error: unknown) => this.logger.warn(`Answers are looked after later: ${String(error)}`))
      .finally(() => {
        this.looking = undefined;
      });
    return this.looking;
  }
}
