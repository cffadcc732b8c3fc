import {
  type ChannelEvent,
  memoryBroker,
  type BrokerFactory,
  SseChannelRegistry,
  SseModule,
} from '@nestcast/sse';
import { setImmediate as turn } from 'node:timers/promises';

import { type INestApplicationContext, Global, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Observable, filter, firstValueFrom } from 'rxjs';

import { AnswerClaims } from '../assistant/answer-claims.js';
import { AnswerKeeper } from '../assistant/answer-keeper.js';
import { AnswerStore } from '../assistant/answer-store.js';
import { AnswerWriter, Stopwatch } from '../assistant/answer-writer.js';
import { Assistant } from '../assistant/assistant.js';
import { channelOfAnswer } from '../assistant/answer-events.js';
import { TextModel } from '../assistant/text-model.js';
import { Database } from '../database/database.js';
import { ServingNodeModule } from '../serving-node/serving-node.module.js';
import { HandDrivenModel } from './hand-driven-model.js';

@Global()
@Module({})
class GivenDatabase {
  static of(database: Database): DynamicModule {
    return {
      module: GivenDatabase,
      providers: [{ provide: Database, useValue: database }],
      exports: [Database],
    };
  }
}

/** A node that answers questions, without HTTP; its model and its time are a spec's. */
export class AssistantNode {
  timeMs = 0;

  private constructor(
    private readonly context: INestApplicationContext,
    readonly model: HandDrivenModel,
  ) {}

  static async start(
    database: Database,
    { name, broker = memoryBroker() }: { readonly name?: string; readonly broker?: BrokerFactory } = {},
  ): Promise<AssistantNode> {
    const model = new HandDrivenModel();
    const now: Stopwatch = () => node.timeMs;
    @Module({
      imports: [SseModule.forRoot({ broker }), GivenDatabase.of(database), ServingNodeModule.of(name)],
      providers: [
        AnswerClaims,
        AnswerKeeper,
        AnswerStore,
        AnswerWriter,
        Assistant,
        { provide: TextModel, useValue: model },
        { provide: Stopwatch, useValue: now },
      ],
    })
    class NodeModule {}
    const context = await NestFactory.createApplicationContext(NodeModule, { logger: false });
    const node = new AssistantNode(context, model);
    return node;
  }

  get assistant(): Assistant {
    return this.context.get(Assistant);
  }

  get store(): AnswerStore {
    return this.context.get(AnswerStore);
  }

  get keeper(): AnswerKeeper {
    return this.context.get(AnswerKeeper);
  }

  private events(userId: string, id: string): Observable<ChannelEvent> {
    return this.context.get(SseChannelRegistry).channel(channelOfAnswer(userId, id)).events$;
  }

  /** What was told of an answer so far. */
  history(userId: string, id: string): Promise<ChannelEvent[]> {
    return this.context.get(SseChannelRegistry).history(channelOfAnswer(userId, id), 1_000);
  }

  /** The answer's next event of a type, after this call. */
  next(id: string, type: string, userId = 'ada'): Promise<ChannelEvent> {
    return firstValueFrom(this.events(userId, id).pipe(filter((event) => event.type === type)));
  }

  /** Resolves once so many events of a type are in the answer's log. */
  async published(id: string, type: string, count: number, userId = 'ada'): Promise<void> {
    const known = async (): Promise<boolean> =>
      (await this.history(userId, id)).filter((event) => event.type === type).length >= count;
    while (!(await known())) {
      await turn();
    }
  }

  /** Resolves once the answer is told to have ended, and this node has nothing more to do with it. */
  async ended(id: string): Promise<void> {
    while (this.assistant.running.includes(id)) {
      await turn();
    }
  }

  /** Resolves once this node writes so many answers. */
  async writes(count: number): Promise<void> {
    while (this.assistant.running.length !== count) {
      await turn();
    }
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
