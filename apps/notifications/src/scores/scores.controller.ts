import { SseChannel, SseChannelRegistry, SseCompression, SseHeartbeat } from '@nestcast/sse';
import { Controller, Get, Header } from '@nestjs/common';

import type { ScoreEvents, Scores } from './score-events.js';
import { SCORES } from './score-feed.js';
import { Scoreboard } from './scoreboard.js';

/** For everybody, signed in or not. What it answers is the same for all, so that a cache may stand in front of it. */
@Controller('scores')
export class ScoresController {
  constructor(
    private readonly scoreboard: Scoreboard,
    private readonly channels: SseChannelRegistry,
  ) {}

  @Get()
  @Header('Cache-Control', 'public, max-age=1')
  now(): Promise<Scores> {
    return this.scoreboard.now();
  }

  @SseChannel('stream')
  @SseHeartbeat({ intervalMs: 15_000 })
  @SseCompression({ encodings: ['gzip'] })
  stream() {
    return this.channels.channel<ScoreEvents>(SCORES);
  }
}
