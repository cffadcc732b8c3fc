import {
  type BrokerStats,
  type HubConnection,
  type ConnectionLabels,
  Hub,
  type StatsSnapshot,
} from '@nestcast/hub';
import { type BatchObservableResult, type Meter, type Observable } from '@opentelemetry/api';
import { Injectable } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { ProcessMeter } from './process-meter.js';
import { TelemetryLabels } from './telemetry-labels.js';
import { within } from '../within.js';

/** How long a broker may take to tell how it is, before the collection goes on without it; milliseconds. */
const BROKER_MS = 1_000;

/** What an observable instrument tells of the hub's figures. */
type Reading = (result: BatchObservableResult, instrument: Observable, stats: StatsSnapshot) => void;

/** A reading of one figure. */
const of =
  (figure: (stats: StatsSnapshot) => number): Reading =>
  (result, instrument, stats) =>
    result.observe(instrument, figure(stats));

/** A reading of figures by what they are told apart by. */
const by =
  (attribute: string, figures: (stats: StatsSnapshot) => Readonly<Record<string, number>>): Reading =>
  (result, instrument, stats) => {
    for (const [value, figure] of Object.entries(figures(stats))) {
      result.observe(instrument, figure, { [attribute]: value });
    }
  };

/** The hub's figures as metrics: read when they are collected, counted by nobody but the hub. */
@Injectable()
export class SseMetrics {
  /** How many connections have opened, by what they count as. */
  private readonly opens = new Map<ConnectionLabels, number>();
  private stops: (() => void)[] = [];
  private lifecycle: Subscription | undefined;

  constructor(
    private readonly hub: Hub,
    private readonly labels: TelemetryLabels,
  ) {}

  begin(meter: Meter): void {
    this.lifecycle = this.hub.lifecycle$.subscribe(({ kind, connection }) => {
      if (kind === 'open') {
        this.opened(connection);
      }
    });
    const shared = ProcessMeter.of(meter);
    this.observeFigures(shared);
    this.observeConnections(shared);
    this.observeBroker(shared);
  }

  end(): void {
    this.lifecycle?.unsubscribe();
    this.stops.splice(0).forEach((stop) => stop());
  }

  private opened(connection: HubConnection): void {
    const labels = this.labels.ofConnection(connection);
    connection.labels = labels;
    this.opens.set(labels, (this.opens.get(labels) ?? 0) + 1);
  }

  private observeFigures(meter: ProcessMeter): void {
    const counter = (name: string, description: string, unit: string): Observable =>
      meter.observableCounter(name, { description, unit });
    const readings = new Map<Observable, Reading>([
      [
        counter('sse.closes', 'Closed streams', '{connection}'),
        by('sse.close.reason', ({ closes }) => closes),
      ],
      [
        counter('sse.refusals', 'Requests that got no stream', '{request}'),
        by('sse.refusal.cause', ({ refusals }) => refusals),
      ],
      [counter('sse.gaps', 'Gaps that clients were told', '{gap}'), by('sse.gap.reason', ({ gaps }) => gaps)],
      [
        counter('sse.events.published', 'Events given to the broker', '{event}'),
        of(({ published }) => published),
      ],
      [
        counter('sse.events.delivered', 'Events sent, one for each connection', '{event}'),
        of(({ delivered }) => delivered),
      ],
      [counter('sse.bytes', 'Bytes of all bodies on the wire', 'By'), of(({ bytes }) => bytes)],
      [
        meter.observableUpDownCounter('sse.connections.lagging', {
          description: 'Open streams whose clients read too slowly',
          unit: '{connection}',
        }),
        of(({ lagging }) => lagging),
      ],
    ]);
    const stop = meter.observe([...readings.keys()], (result) => {
      const stats = this.hub.stats();
      readings.forEach((reading, instrument) => reading(result, instrument, stats));
    });
    this.stops.push(stop);
  }

  private observeConnections(meter: ProcessMeter): void {
    const unit = '{connection}';
    const open = meter.observableUpDownCounter('sse.connections', {
      description: 'Open streams',
      unit,
    });
    const opens = meter.observableCounter('sse.opens', { description: 'Opened streams', unit });
    const stop = meter.observe([open, opens], (result) => {
      const now = new Map<ConnectionLabels | undefined, number>();
      for (const { labels } of this.hub.connections()) {
        now.set(labels, (now.get(labels) ?? 0) + 1);
      }
      for (const [labels, count] of this.opens) {
        result.observe(opens, count, labels);
        // Also where there is none any more.
        result.observe(open, now.get(labels) ?? 0, labels);
      }
    });
    this.stops.push(stop);
  }

  private observeBroker(meter: ProcessMeter): void {
    const events = meter.observableUpDownCounter('sse.log.events', {
      description: "Events in the broker's log",
      unit: '{event}',
    });
    const up = meter.observableGauge('sse.broker.up', {
      description: 'Whether the broker answers: 1 or 0',
    });
    const asking = async (result: BatchObservableResult): Promise<void> => {
      const health = await within(BROKER_MS, this.hub.health());
      result.observe(up, health?.up === true ? 1 : 0);
    };
    // Of the brokers of several applications the worst counts.
    this.stops.push(meter.observe([up], asking, Math.min));
    // By itself: a broker that is down may reject here, of which the SDK is told, and which is no reason not to tell that.
    const stop = meter.observe([events], async (result) => {
      const stats = await within<BrokerStats | undefined>(BROKER_MS, this.hub.brokerStats());
      if (stats) {
        result.observe(events, stats.events);
      }
    });
    this.stops.push(stop);
  }
}
