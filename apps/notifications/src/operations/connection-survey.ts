import { randomUUID } from 'node:crypto';

import { type Connection, SseChannelRegistry } from '@nestcast/sse';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { filter, firstValueFrom, take, takeUntil, timer, toArray } from 'rxjs';

import { NodeGauge } from './node-gauge.js';
import { type ControlEvents, OperationsControl } from './operations-control.js';
import type { OpenConnection, UserConnections } from './operations-events.js';

/** How long the other nodes may take to answer. */
const PATIENCE_MS = 1_000;

/** Who has which connections, on all nodes: each knows its own. */
@Injectable()
export class ConnectionSurvey implements OnModuleInit {
  private readonly logger = new Logger(ConnectionSurvey.name);

  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly control: OperationsControl,
    private readonly gauge: NodeGauge,
  ) {}

  onModuleInit(): void {
    this.control.on('connections.wanted').subscribe((wanted) => {
      this.answer(wanted).catch((error: unknown) =>
        this.logger.warn(`Another node’s question can’t be answered: ${String(error)}`),
      );
    });
  }

  /** @throws SseError `BROKER_UNAVAILABLE`, as a rejection */
  async connectionsOf(userId: string): Promise<UserConnections> {
    const nodes = this.channels.nodes().length;
    const question = randomUUID();
    const answers = firstValueFrom(
      this.control.on('connections.told').pipe(
        filter((told) => told.question === question),
        take(nodes),
        takeUntil(timer(PATIENCE_MS)),
        toArray(),
      ),
    );
    await this.control.tell('connections.wanted', { question, userId });
    const told = await answers;
    return {
      connections: told
        .flatMap(({ connections }) => connections)
        .toSorted((one, other) => one.openedAt - other.openedAt),
      complete: told.length === nodes,
    };
  }

  private async answer({ question, userId }: ControlEvents['connections.wanted']): Promise<void> {
    const connections = this.channels
      .connections()
      .filter((connection) => connection.userId === userId)
      .map((connection) => openConnectionOf(connection, this.gauge.name));
    await this.control.tell('connections.told', { question, connections });
  }
}

function openConnectionOf(
  { id, channels, openedAt, messages, bytes, state }: Connection,
  node: string,
): OpenConnection {
  return {
    id,
    node,
    channels: [...channels.keys()],
    openedAt,
    messages,
    bytes,
    lagging: state === 'lagging',
  };
}
