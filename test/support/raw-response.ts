/** A response as it came over a raw socket, taken apart. */
export interface RawResponse {
  readonly statusLine: string;
  /** Names in lower case; the values of a name that comes twice are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** What has come of the body, without its transfer encoding. */
  readonly body: Buffer;
  /** Whether the body has come to the end that its framing marks; one without framing never does. */
  readonly complete: boolean;
  /** What follows a complete body: the next response of a pipeline. */
  readonly rest: Buffer;
}

const BLANK_LINE = '\r\n\r\n';

/** Takes apart the first response in what a socket has received. */
export function parseResponse(bytes: Buffer): RawResponse {
  const end = bytes.indexOf(BLANK_LINE);
  if (end < 0) {
    throw new Error(`The headers have not come yet: ${JSON.stringify(bytes.toString('latin1'))}`);
  }
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { statusLine, headers, ...bodyOf(headers, bytes.subarray(end + BLANK_LINE.length)) };
}

function bodyOf(
  headers: RawResponse['headers'],
  bytes: Buffer,
): Pick<RawResponse, 'body' | 'complete' | 'rest'> {
  if (headers['transfer-encoding'] === 'chunked') {
    return unchunked(bytes);
  }
  const length = headers['content-length'];
  if (length === undefined) {
    return { body: bytes, complete: false, rest: Buffer.alloc(0) };
  }
  const end = Number(length);
  return { body: bytes.subarray(0, end), complete: bytes.length >= end, rest: bytes.subarray(end) };
}

/** [spec] RFC 9112 7.1, without chunk extensions and trailers, which nobody here sends. */
function unchunked(bytes: Buffer): Pick<RawResponse, 'body' | 'complete' | 'rest'> {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const start = lineEnd + 2;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (lineEnd < 0 || bytes.length < start + size + 2) {
      return { body: Buffer.concat(parts), complete: false, rest: Buffer.alloc(0) };
    }
    if (Number.isNaN(size) || bytes.toString('latin1', start + size, start + size + 2) !== '\r\n') {
      throw new Error(`Not a chunk: ${JSON.stringify(bytes.toString('latin1', at, at + 80))}`);
    }
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
    if (size === 0) {
      return { body: Buffer.concat(parts), complete: true, rest: bytes.subarray(at) };
    }
  }
}
