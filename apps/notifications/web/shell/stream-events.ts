/** What the main stream brings: an event type and its data each. */
export interface StreamEvents {
  'notification.created': unknown;
  'notification.read': unknown;
}
