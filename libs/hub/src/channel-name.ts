import { SseError } from './sse-error.js';

const MAX_BYTES = 255;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for (C0, DEL, C1)
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Lets a channel name through exactly as given, or refuses it.
 *
 * @throws SseError `INVALID_CHANNEL_NAME` if it is not a string of 1 to 255 bytes (UTF-8) without control characters
 */
export function assertChannelName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '') {
    throw new SseError(
      'INVALID_CHANNEL_NAME',
      `A channel name is a non-empty string, but got ${typeof name}.`,
    );
  }
  if (CONTROL_CHARACTER.test(name)) {
    throw new SseError(
      'INVALID_CHANNEL_NAME',
      `The channel name ${JSON.stringify(name)} has a control character.`,
    );
  }
  if (!name.isWellFormed()) {
    throw new SseError(
      'INVALID_CHANNEL_NAME',
      `The channel name ${JSON.stringify(name)} has a lone surrogate.`,
    );
  }
  if (Buffer.byteLength(name) > MAX_BYTES) {
    throw new SseError(
      'INVALID_CHANNEL_NAME',
      `The channel name ${JSON.stringify(`${name.slice(0, 40)}…`)} has ${Buffer.byteLength(name)} bytes; at most ${MAX_BYTES} are allowed.`,
    );
  }
}
