import type { EVERYBODY as Everybody } from '../../src/notifications/notification.js';

/** The recipient of announcements; the compiler holds it to what the server says. */
export const EVERYBODY: typeof Everybody = '*';
