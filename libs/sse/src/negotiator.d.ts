/** What is used of negotiator 1.1, whose published types stop at 0.6. */
declare module 'negotiator' {
  import type { IncomingMessage } from 'node:http';

  export default class Negotiator {
    constructor(request: Pick<IncomingMessage, 'headers'>);
    mediaType(available: readonly string[]): string | undefined;
    encodings(available: readonly string[], options: { readonly preferred: readonly string[] }): string[];
  }
}
