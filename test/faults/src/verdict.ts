import type { GapReason } from '@nestcast/hub';
import type { Ledger, Publication } from './ledger.js';
import { placeOf } from './place.js';

/** An event as a client got it. */
export interface Delivery {
  /** The publication's. */
  readonly number: number;
  readonly id: string;
}

/** A gap as a client was told it. */
export interface ToldGap {
  readonly reason: GapReason | 'overflow';
  readonly channels: readonly string[];
  /** The log's place that it was told with. */
  readonly id: string;
  /** The client's last event id when it was told. */
  readonly cursor: string;
  /** `performance.now()` */
  readonly at: number;
}

/** All that one client got over all its connections, in order. */
export interface Reception {
  readonly channels: readonly string[];
  readonly deliveries: readonly Delivery[];
  readonly gaps: readonly ToldGap[];
}

/** What was wrong with a reception, an explanation each. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly outOfOrder: readonly string[];
  /** Events that are missing, of which a gap has told. */
  readonly excused: number;
}

/**
 * Holds what a client got against what was published: each acknowledged event of its channels once, unless a gap has told of
 * it; any other at most once; all in the order of their ids.
 */
export function judge(reception: Reception, ledger: Ledger): Verdict {
  const doubled: string[] = [];
  const outOfOrder: string[] = [];
  const got = new Set<number>();
  let place = 0;
  for (const { number, id } of reception.deliveries) {
    const publication = ledger.publications[number];
    if (!publication || !reception.channels.includes(publication.channel)) {
      throw new Error(`A client got ${number} as ${id}, which was published to none of its channels.`);
    }
    if (got.has(number)) {
      doubled.push(`${describe(publication)} came again as ${id}`);
    } else if (placeOf(id) <= place) {
      outOfOrder.push(`${describe(publication)} came as ${id} after ${place}`);
    } else if (publication.outcome === 'acknowledged' && publication.id !== id) {
      outOfOrder.push(`${describe(publication)} came as ${id}`);
    }
    got.add(number);
    place = Math.max(place, placeOf(id));
  }
  const missing = ledger.publications.filter(
    ({ number, channel, outcome }) =>
      outcome === 'acknowledged' && reception.channels.includes(channel) && !got.has(number),
  );
  const lost = missing.filter((publication) => !reception.gaps.some((gap) => excuses(gap, publication)));
  return { lost: lost.map(describe), doubled, outOfOrder, excused: missing.length - lost.length };
}

/** Whether the gap tells that the event may be missing: it was there when the gap was told, and the client wasn't past it. */
export function excuses(gap: ToldGap, { channel, id, acknowledgedAt }: Publication): boolean {
  const wasThere = placeOf(id) <= placeOf(gap.id) || acknowledgedAt < gap.at;
  // What got lost on the way to a node may lie before what the client has had of other channels since.
  const wasNext = gap.reason === 'lost' || placeOf(id) > placeOf(gap.cursor);
  return gap.channels.includes(channel) && wasThere && wasNext;
}

function describe({ number, channel, id }: Publication): string {
  return `${number} of ${channel} (${id || 'not acknowledged'})`;
}
