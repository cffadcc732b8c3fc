/** Takes the chunked framing of HTTP/1.1 off. [spec] RFC 9112 7.1 */
export class ChunkedBody {
  /** Bytes of the current chunk that are still to come, its closing CRLF included; 0: a header is next. */
  private left = 0;
  private header = '';

  constructor(private readonly body: (bytes: Buffer) => void) {}

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.left === 0) {
        at = this.readHeader(bytes, at);
      } else {
        const end = Math.min(bytes.length, at + this.left);
        const content = Math.min(end, at + this.left - 2);
        if (content > at) {
          this.body(bytes.subarray(at, content));
        }
        this.left -= end - at;
        at = end;
      }
    }
  }

  private readHeader(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(0x0a, from);
    if (end === -1) {
      this.header += bytes.toString('latin1', from);
      return bytes.length;
    }
    this.left = Number.parseInt(this.header + bytes.toString('latin1', from, end), 16) + 2;
    this.header = '';
    return end + 1;
  }
}
