import { type DynamicModule, Module } from '@nestjs/common';

import { ServingNode } from './serving-node.js';

@Module({})
export class ServingNodeModule {
  /** @param name `undefined` where there is one node only */
  static of(name: string | undefined): DynamicModule {
    return {
      module: ServingNodeModule,
      global: true,
      providers: [{ provide: ServingNode, useValue: new ServingNode(name) }],
      exports: [ServingNode],
    };
  }
}
