import type { ServerResponse } from 'node:http';
import { type Mischief, MISCHIEF_EVERY } from './node-protocol.js';

/**
 * A middleware that spoils streams on their way out: a harness that doesn't find out counts nothing. Events alone are
 * spoilt, not what else is in a stream, and each is whole in what is written here.
 */
export function mischiefOnTheWire(mischief: Mischief) {
  return (_request: unknown, response: ServerResponse, next: () => void): void => {
    const write = response.write.bind(response) as (bytes: Uint8Array | string) => boolean;
    let count = 0;
    let held = '';
    const spoil = (frame: string): string => {
      if (!frame.includes('\ndata:') || frame.startsWith('event: sse:')) {
        return frame;
      }
      count += 1;
      if (held !== '') {
        const late = held;
        held = '';
        return frame + late;
      }
      if (count % MISCHIEF_EVERY !== 0) {
        return frame;
      }
      held = mischief === 'swap' ? frame : '';
      return mischief === 'double' ? frame + frame : '';
    };
    response.write = (bytes: unknown): boolean => {
      const frames = Buffer.from(bytes as Uint8Array)
        .toString()
        .split(/(?<=\n\n)/);
      return write(frames.map(spoil).join(''));
    };
    next();
  };
}
