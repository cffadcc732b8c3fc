import { Module } from '@nestjs/common';

import { ConnectionSurvey } from './connection-survey.js';
import { FiguresFeed } from './figures-feed.js';
import { NodeGauge } from './node-gauge.js';
import { OnlineUsers } from './online-users.js';
import { OperationsControl } from './operations-control.js';
import { OperationsController } from './operations.controller.js';

@Module({
  controllers: [OperationsController],
  providers: [OperationsControl, NodeGauge, FiguresFeed, ConnectionSurvey, OnlineUsers],
})
export class OperationsModule {}
