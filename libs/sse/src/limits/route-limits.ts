import type { LimitName } from '@nestcast/hub';
import type { LimitOptions } from '../sse.options.js';

/** A route's limits, and of each whether the route has set it itself: such a one counts the route's own connections. */
export interface RouteLimits {
  readonly name: string;
  readonly values: LimitOptions;
  readonly own: LimitOptions;
}

/** What a limit of the route counts this subject under. */
export function leaseKey({ name, own }: RouteLimits, limit: LimitName, subject: string): string {
  return `${own[limit] === undefined ? '' : name} ${limit} ${subject}`;
}
