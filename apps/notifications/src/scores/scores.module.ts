import { Module } from '@nestjs/common';

import { ScoreFeed } from './score-feed.js';
import { Scoreboard } from './scoreboard.js';
import { ScoresController } from './scores.controller.js';

@Module({ controllers: [ScoresController], providers: [Scoreboard, ScoreFeed] })
export class ScoresModule {}
