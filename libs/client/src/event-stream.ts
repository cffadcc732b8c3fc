import { createParser } from 'eventsource-parser';
import { SseClientError } from './sse-client-error.js';

/** What stands between two blank lines of an event stream. */
export interface Block {
  /** `undefined`: it has none, and the last one stays. [spec] WHATWG HTML 9.2.6: one with a NUL doesn't count. */
  readonly id: string | undefined;
  /** The event's type; the standard's default is `message`. */
  readonly type: string;
  /** `undefined`: there is nothing to dispatch, but its id is to be remembered. */
  readonly data: string | undefined;
}

export interface EventStreamHandlers {
  onBlock(block: Block): void;
  /** The reconnection time; milliseconds. */
  onRetry(ms: number): void;
}

/** The longest that a timer waits; a longer one would not wait at all. */
const MAX_RETRY_MS = 2 ** 31 - 1;

/**
 * Reads an event stream, cut anywhere, and tells of each line and block as soon as its last byte is there.
 * [spec] WHATWG HTML 9.2.5 and 9.2.6.
 *
 * eventsource-parser does the work. What it would do differently from the standard is put right before it: it waits at a
 * CR at the end of a chunk, forgets the id of a block without data, and takes the characters of a BOM's bytes for a BOM,
 * which is the decoder's to strip. It limits a line and the data of an event, but not what their strings keep alive, so
 * the length of a block is limited here.
 *
 * @param maxLength how long a block may be, its field names and comments too; characters. Chunks of nothing but comments,
 *   which keep a quiet connection alive, don't count.
 * @returns takes the next bytes; throws SseClientError `EVENT_TOO_LARGE`, and is of no use after that
 */
export function eventStreamReader(
  handlers: EventStreamHandlers,
  maxLength: number,
): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let afterCr = false;
  let afterLf = true;
  /** What there is already of a block that hasn't ended. */
  let held = 0;
  const parser = createParser({
    onEvent({ id, event = 'message', data }) {
      if (id !== undefined || data !== '') {
        handlers.onBlock({
          // A copy: a part of a text keeps all of it in memory, and places are remembered for longer than what came there.
          id: id && ` ${id}`.slice(1),
          type: event,
          data: data === '' ? undefined : data.slice(0, -1),
        });
      }
    },
    onRetry: (ms) => handlers.onRetry(Math.min(ms, MAX_RETRY_MS)),
  });
  // With its first text behind it, it looks for no BOM.
  parser.feed('\n');

  return (bytes) => {
    const decoded = decoder.decode(bytes, { stream: true });
    if (decoded === '') {
      return;
    }
    const text = decoded.slice(afterCr && decoded[0] === '\n' ? 1 : 0).replace(/\r\n?/g, '\n');
    const blankFirst = afterLf && text[0] === '\n';
    let start = blankFirst ? 1 : -held;
    for (
      let end = text.indexOf('\n\n', start);
      end !== -1 && end < start + maxLength;
      end = text.indexOf('\n\n', start)
    ) {
      start = end + 2;
    }
    if (!(afterLf && /^(:[^\n]*\n)+$/.test(text))) {
      held = text.length - start;
    }
    afterCr = decoded.endsWith('\r');
    afterLf = text === '' || text.endsWith('\n');
    const tooLarge = held > maxLength;
    const taken = tooLarge ? text.slice(0, Math.max(start, 0)) : text;
    // The standard's data buffer: whatever a block has, an LF at its end; empty where it has none.
    parser.feed((blankFirst ? 'data\n' : '') + taken.replace(/\n(?=\n)/g, '\ndata\n'));
    if (tooLarge) {
      throw new SseClientError('EVENT_TOO_LARGE', `more than ${maxLength} characters`);
    }
  };
}
