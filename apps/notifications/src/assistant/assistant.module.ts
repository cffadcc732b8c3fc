import { type DynamicModule, Module } from '@nestjs/common';

import type { ModelConfiguration } from '../config/model.js';
import { AnswerClaims } from './answer-claims.js';
import { AnswerKeeper } from './answer-keeper.js';
import { AnswerStore } from './answer-store.js';
import { AnswerWriter, Stopwatch } from './answer-writer.js';
import { Assistant } from './assistant.js';
import { AssistantController } from './assistant.controller.js';
import { OfflineModel } from './offline-model.js';
import { OpenAiModel } from './openai-model.js';
import { TextModel } from './text-model.js';

@Module({})
export class AssistantModule {
  static of(model: ModelConfiguration): DynamicModule {
    return {
      module: AssistantModule,
      controllers: [AssistantController],
      providers: [
        AnswerClaims,
        AnswerKeeper,
        AnswerStore,
        AnswerWriter,
        Assistant,
        { provide: TextModel, useFactory: () => modelOf(model) },
        { provide: Stopwatch, useValue: (): number => performance.now() },
      ],
    };
  }
}

function modelOf(configuration: ModelConfiguration): TextModel {
  return configuration.kind === 'offline' ? new OfflineModel() : new OpenAiModel(configuration);
}
