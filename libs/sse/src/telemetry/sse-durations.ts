import { type Attributes, type Histogram, type Meter, createNoopMeter } from '@opentelemetry/api';
import { Injectable } from '@nestjs/common';

/** Seconds. A fan-out of a small node takes parts of a millisecond, one of thousands of clients tens of them. */
const PUBLISH_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const OPEN_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** How long things take. */
@Injectable()
export class SseDurations {
  private publish: Histogram | undefined;
  private open: Histogram | undefined;

  /** Whether anybody wants to know. */
  get measured(): boolean {
    return this.publish !== undefined;
  }

  /** Does nothing with a meter that nobody reads. */
  begin(meter: Meter): void {
    const publish = meter.createHistogram('sse.publish.duration', {
      description: 'From the publishing of an event until it is written to all connections of this node',
      unit: 's',
      advice: { explicitBucketBoundaries: PUBLISH_BUCKETS },
    });
    if (publish === createNoopMeter().createHistogram('')) {
      return;
    }
    this.publish = publish;
    this.open = meter.createHistogram('sse.open.duration', {
      description: "From a request's arrival until the headers of its stream are sent",
      unit: 's',
      advice: { explicitBucketBoundaries: OPEN_BUCKETS },
    });
  }

  published(ms: number, attributes: Attributes): void {
    this.publish?.record(seconds(ms), attributes);
  }

  opened(ms: number, attributes: Attributes | undefined): void {
    this.open?.record(seconds(ms), attributes);
  }
}

/** Clocks of two nodes differ: nothing takes less than no time. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}
