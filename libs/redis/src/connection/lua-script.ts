import { createHash } from 'node:crypto';

/** A script that Redis runs as one step. */
export class LuaScript {
  /** What Redis knows it by once it has been loaded. */
  readonly sha: string;

  constructor(readonly text: string) {
    this.sha = createHash('sha1').update(text).digest('hex');
  }
}
