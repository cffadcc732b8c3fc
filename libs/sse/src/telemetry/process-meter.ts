import type { Attributes, BatchObservableResult, Meter, MetricOptions, Observable } from '@opentelemetry/api';

type Callback = (result: BatchObservableResult) => void | Promise<void>;

/** What becomes of two figures of one series. */
type Combine = (one: number, other: number) => number;

const sum: Combine = (one, other) => one + other;

/** One observation of each series. */
class Series implements BatchObservableResult {
  private readonly byInstrument = new Map<Observable, Map<string, [value: number, attributes: Attributes]>>();

  constructor(private readonly combine: Combine) {}

  observe(instrument: Observable, value: number, attributes: Attributes = {}): void {
    const series = this.byInstrument.get(instrument) ?? new Map<string, [number, Attributes]>();
    this.byInstrument.set(instrument, series);
    const key = JSON.stringify(attributes);
    const [other] = series.get(key) ?? [];
    series.set(key, [other === undefined ? value : this.combine(other, value), attributes]);
  }

  tell(result: BatchObservableResult): void {
    this.byInstrument.forEach((series, instrument) =>
      series.forEach(([value, attributes]) => result.observe(instrument, value, attributes)),
    );
  }
}

/**
 * A meter whose instruments are observed by several: the applications of one process. Of two that observe the same series
 * OpenTelemetry would believe the last.
 */
export class ProcessMeter {
  private static readonly all = new WeakMap<Meter, ProcessMeter>();

  private readonly instruments = new Map<string, Observable>();
  /** Those who observe, by the first of their instruments. */
  private readonly observers = new Map<Observable | undefined, Set<Callback>>();

  private constructor(private readonly meter: Meter) {}

  static of(meter: Meter): ProcessMeter {
    const known = this.all.get(meter) ?? new ProcessMeter(meter);
    this.all.set(meter, known);
    return known;
  }

  observableCounter(name: string, options: MetricOptions): Observable {
    return this.once(name, () => this.meter.createObservableCounter(name, options));
  }

  observableUpDownCounter(name: string, options: MetricOptions): Observable {
    return this.once(name, () => this.meter.createObservableUpDownCounter(name, options));
  }

  observableGauge(name: string, options: MetricOptions): Observable {
    return this.once(name, () => this.meter.createObservableGauge(name, options));
  }

  /**
   * Has the instruments observed at each collection.
   *
   * @param combine default: what several tell of one series is added up
   * @returns ends it
   */
  observe(instruments: Observable[], callback: Callback, combine: Combine = sum): () => void {
    const [first] = instruments;
    const known = this.observers.get(first);
    const callbacks = known ?? new Set();
    callbacks.add(callback);
    if (!known) {
      this.observers.set(first, callbacks);
      this.meter.addBatchObservableCallback((result) => collect(callbacks, result, combine), instruments);
    }
    return () => void callbacks.delete(callback);
  }

  private once(name: string, make: () => Observable): Observable {
    const instrument = this.instruments.get(name) ?? make();
    this.instruments.set(name, instrument);
    return instrument;
  }
}

/** @throws what some of them do, when the others have been heard */
async function collect(
  callbacks: Iterable<Callback>,
  result: BatchObservableResult,
  combine: Combine,
): Promise<void> {
  const series = new Series(combine);
  const outcomes = await Promise.allSettled([...callbacks].map(async (callback) => callback(series)));
  series.tell(result);
  const reasons = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  if (reasons.length > 0) {
    throw new AggregateError(reasons, reasons.map(String).join('; '));
  }
}
