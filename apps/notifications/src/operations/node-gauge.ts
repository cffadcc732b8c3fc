import { SseChannelRegistry } from '@nestcast/sse';
import { Injectable } from '@nestjs/common';
import { catchError, defer, firstValueFrom, of, timeout } from 'rxjs';

import { PrometheusMetrics } from '../metrics/prometheus-metrics.js';
import { Outbox } from '../outbox/outbox.js';
import { ServingNode } from '../serving-node/serving-node.js';
import { LatencyWindow } from './latency-window.js';
import { type NodeFigures, nodeFiguresOf } from './node-figures.js';
import { OnlineUsers } from './online-users.js';
import { mergeBuckets } from './percentiles.js';

const PUBLISH = 'sse.publish.duration';
const OPEN = 'sse.open.duration';
/** How long the database may take to answer; the figures of a node that can't reach it are wanted more than ever. */
const DATABASE_MS = 500;

/** Reads all figures of this node. */
@Injectable()
export class NodeGauge {
  private readonly publishing = new LatencyWindow();
  private readonly opening = new LatencyWindow();
  private lastProcessor: { readonly at: number; readonly cpuMs: number } | undefined;

  constructor(
    private readonly channels: SseChannelRegistry,
    private readonly users: OnlineUsers,
    private readonly metrics: PrometheusMetrics,
    private readonly outbox: Outbox,
    private readonly serving: ServingNode,
  ) {}

  /** What people call this node. */
  get name(): string {
    return this.serving.name ?? 'This server';
  }

  async read(): Promise<NodeFigures> {
    const [histograms, outboxWaiting] = await Promise.all([
      this.metrics.histograms([PUBLISH, OPEN]),
      this.outboxWaiting(),
    ]);
    const [now, stats] = [performance.now(), this.channels.stats()];
    return nodeFiguresOf(stats, {
      node: { id: this.channels.nodes()[0]?.id ?? '', name: this.name },
      users: this.users.count,
      processorShare: this.processorShare(stats.process.cpuMs, now),
      publishMs: this.publishing.look(mergeBuckets(histograms.get(PUBLISH) ?? []), now),
      openMs: this.opening.look(mergeBuckets(histograms.get(OPEN) ?? []), now),
      outboxWaiting,
    });
  }

  private processorShare(cpuMs: number, at: number): number | null {
    const last = this.lastProcessor;
    this.lastProcessor = { at, cpuMs };
    return last && at > last.at ? (cpuMs - last.cpuMs) / (at - last.at) : null;
  }

  /** That the database is away is logged by the outbox's relay. */
  private outboxWaiting(): Promise<number | null> {
    const count = defer(() => this.outbox.waiting()).pipe(
      timeout(DATABASE_MS),
      catchError(() => of(null)),
    );
    return firstValueFrom(count);
  }
}
