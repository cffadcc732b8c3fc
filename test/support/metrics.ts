import { isDeepStrictEqual } from 'node:util';
import { metrics } from '@opentelemetry/api';
import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';

/** A reader that reads when it is asked. */
class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {
    // Nothing waits to be sent.
  }

  protected override async onShutdown(): Promise<void> {
    // Nothing is open.
  }
}

type Series = Map<string, readonly DataPoint<number | Histogram>[]>;

export type Attributes = Readonly<Record<string, unknown>>;

/** The metrics of a process, as an SDK reads them. Registered until it is {@link end}ed. */
export class TestMetrics {
  private readonly reader = new ManualReader();
  private readonly provider = new MeterProvider({ readers: [this.reader] });

  constructor() {
    metrics.setGlobalMeterProvider(this.provider);
  }

  async end(): Promise<void> {
    metrics.disable();
    await this.provider.shutdown();
  }

  /** All metrics by name. */
  async read(): Promise<Series> {
    const { series, errors } = await this.readWithErrors();
    if (errors.length > 0) {
      throw new AggregateError(errors);
    }
    return series;
  }

  /** The same, and what has gone wrong with others. */
  async readWithErrors(): Promise<{ series: Series; errors: unknown[] }> {
    const { resourceMetrics, errors } = await this.reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap(({ scope, metrics: ofScope }) =>
      ofScope.map(({ descriptor, dataPoints }) => ({ scope: scope.name, name: descriptor.name, dataPoints })),
    );
    const own = all.filter(({ scope }) => scope === '@nestcast/sse');
    const series = new Map(
      own.map(({ name, dataPoints }) => [name, dataPoints as DataPoint<number | Histogram>[]]),
    );
    return { series, errors };
  }

  /** The values of one metric, with what tells them apart. */
  async values(name: string): Promise<[value: number, attributes: Attributes][]> {
    const points = (await this.read()).get(name) ?? [];
    return points.map(({ value, attributes }) => [value as number, attributes]);
  }

  /** The value of one metric that has these attributes, or none. */
  async value(name: string, attributes: Attributes = {}): Promise<number | undefined> {
    const found = (await this.values(name)).find(([, own]) => isDeepStrictEqual(own, attributes));
    return found?.[0];
  }

  async histogram(name: string): Promise<DataPoint<Histogram>[]> {
    return ((await this.read()).get(name) ?? []) as DataPoint<Histogram>[];
  }
}
