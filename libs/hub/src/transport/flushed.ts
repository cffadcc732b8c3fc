import type { Clock } from '../clock.js';
import { type Transport, whenOver } from './transport.js';

/** Resolves when the client has taken all of an ended response; cuts it off if that takes longer than this. */
export async function flushed(transport: Transport, withinMs: number, clock: Clock): Promise<void> {
  const cancel = clock.schedule(withinMs, () => transport.destroy());
  await whenOver(transport);
  cancel();
}
