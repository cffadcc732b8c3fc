import { type SseEventOf, SseChannelRegistry } from '@nestcast/sse';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { EMPTY, type Observable, catchError, defer, exhaustMap, from, mergeMap, timer } from 'rxjs';

import type { ScoreEvents, Scores } from './score-events.js';
import { Scoreboard } from './scoreboard.js';

/** The channel that everybody may listen to. */
export const SCORES = 'scores';

/** How often each node with listeners looks whether it is time for the next tick. */
const LOOK_EVERY_MS = 250;
/** At each of these ticks all matches are told: a node may have died between a tick and the telling of it. */
const ALL_EVERY = 10;

/** Plays while somebody looks on: every node with listeners tries, and one of them is first each time. */
@Injectable()
export class ScoreFeed implements OnModuleInit {
  private readonly logger = new Logger(ScoreFeed.name);

  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly scoreboard: Scoreboard,
  ) {}

  onModuleInit(): void {
    this.channels.attach(SCORES, this.events());
  }

  private events(): Observable<SseEventOf<ScoreEvents>> {
    return timer(0, LOOK_EVERY_MS).pipe(
      exhaustMap(() => defer(() => this.advance()).pipe(catchError((error: unknown) => this.wait(error)))),
      mergeMap((scores) => from(scores === undefined ? [] : eventsOf(scores))),
    );
  }

  private async advance(): Promise<Scores | undefined> {
    const scores = await this.scoreboard.advance();
    return scores && scores.tick % ALL_EVERY === 0 ? this.scoreboard.now() : scores;
  }

  /** The database may be away for a while. */
  private wait(error: unknown): Observable<never> {
    this.logger.warn(`The matches wait for the database: ${String(error)}`);
    return EMPTY;
  }
}

function eventsOf({ tick, matches }: Scores): SseEventOf<ScoreEvents>[] {
  return matches.map((match) => ({ type: 'score', key: match.id, data: { tick, match } }));
}
