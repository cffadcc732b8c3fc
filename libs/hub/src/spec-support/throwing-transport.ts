import { MemoryTransport } from './memory-transport.js';

/** A response that middleware has wrapped, and that throws from a moment on. */
export class ThrowingTransport extends MemoryTransport {
  throws = false;

  override write(bytes: Buffer): void {
    if (this.throws) {
      throw new Error('wrapped by someone');
    }
    super.write(bytes);
  }
}
