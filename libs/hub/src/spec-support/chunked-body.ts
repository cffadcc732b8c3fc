/** Takes HTTP/1.1's chunked framing off; throws at anything that is no whole chunk. [spec] RFC 9112 7.1. */
export function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const line = bytes.toString('latin1', at, lineEnd);
    const length = Number.parseInt(line, 16);
    if (lineEnd < 0 || !/^[1-9a-f][0-9a-f]*$/.test(line)) {
      throw new Error(`No chunk begins at byte ${at}: ${JSON.stringify(line)}`);
    }
    const end = lineEnd + 2 + length;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') {
      throw new Error(`The chunk at byte ${at} doesn't end after ${length} bytes.`);
    }
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
  return Buffer.concat(parts);
}
