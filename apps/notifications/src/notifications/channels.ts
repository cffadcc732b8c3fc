import { EVERYBODY } from './notification.js';

/** What everybody is told. */
export const ANNOUNCEMENTS = 'announcements';

/** Where a recipient's notifications are published. */
export const channelOf = (recipient: string): string =>
  recipient === EVERYBODY ? ANNOUNCEMENTS : `user/${recipient}`;
