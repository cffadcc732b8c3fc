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

/**
 * Reads an event stream, cut anywhere. [spec] WHATWG HTML 9.2.5 and 9.2.6.
 *
 * eventsource-parser does the work. What it would do differently from the standard is put right before and after it: it
 * waits at a CR at the end of a chunk, forgets the id of a block without data, and takes the characters of a BOM's bytes
 * for a BOM, which is the decoder's to strip.
 *
 * @param maxLength how long an event, or a line, may be; characters
 * @returns takes the next bytes; throws SseClientError `EVENT_TOO_LARGE`
 */
export function eventStreamReader(
  handlers: EventStreamHandlers,
  maxLength: number,
): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let afterCr = false;
  let afterLf = true;
  const parser = createParser({
    maxBufferSize: maxLength,
    onEvent: ({ id, event = 'message', data }) =>
      handlers.onBlock({ id, type: event, data: data === '' ? undefined : data.slice(0, -1) }),
    onRetry: (ms) => handlers.onRetry(ms),
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') {
        throw new SseClientError('EVENT_TOO_LARGE', `An event is longer than ${maxLength} characters.`);
      }
    },
  });
  // With its first text behind it, it looks for no BOM.
  parser.feed('\n');

  return (bytes) => {
    let text = decoder.decode(bytes, { stream: true });
    if (text === '') {
      return;
    }
    if (afterCr && text[0] === '\n') {
      text = text.slice(1);
    }
    afterCr = bytes.length > 0 && text.endsWith('\r');
    text = text.replace(/\r\n?/g, '\n');
    // The standard's data buffer: whatever a block has, an LF at its end; empty where it has none.
    const blocks = (afterLf && text[0] === '\n' ? 'data\n' : '') + text.replace(/\n(?=\n)/g, '\ndata\n');
    afterLf = text === '' ? afterLf : text.endsWith('\n');
    parser.feed(blocks);
  };
}
