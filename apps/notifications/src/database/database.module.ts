import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';

import type { DatabaseConfiguration } from '../config/database.js';
import { Database } from './database.js';
import type { DatabaseConnection } from './database-connection.js';
import { openEmbeddedDatabase } from './embedded-database.js';
import { openServerDatabase } from './server-database.js';

const CONNECTION = Symbol('DatabaseConnection');

@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(CONNECTION) private readonly connection: DatabaseConnection) {}

  static of(configuration: DatabaseConfiguration): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        { provide: CONNECTION, useFactory: () => open(configuration) },
        {
          provide: Database,
          useFactory: ({ database }: DatabaseConnection) => database,
          inject: [CONNECTION],
        },
      ],
      exports: [Database],
    };
  }

  /** When requests, streams and jobs have ended. */
  async onApplicationShutdown(): Promise<void> {
    await this.connection.close();
  }
}

function open(configuration: DatabaseConfiguration): Promise<DatabaseConnection> {
  return configuration.kind === 'embedded'
    ? openEmbeddedDatabase(configuration.folder)
    : openServerDatabase(configuration.url);
}
