import { randomBytes } from 'node:crypto';
import { SseError } from '@nestcast/hub';
import type { FirstConnection } from '../connection/first-connection.js';
import type { LuaScript } from '../connection/lua-script.js';
import { refusal } from '../connection/redis-errors.js';
import { type RedisPort, RedisReplyError } from '../connection/redis-port.js';
import type { LogKeys } from './log-keys.js';
import { ENTER } from './scripts/enter.js';
import { MARK } from './scripts/mark.js';
import { PUBLISH } from './scripts/publish.js';
import { REPLAY } from './scripts/replay.js';

const SCRIPTS = [PUBLISH, REPLAY, MARK];
/** Calls that wait while a life is entered; more are refused. */
const MAX_WAITING = 10_000;
/** How often a call is let go through another life before something else must be wrong. */
const MAX_LIVES = 20;

export interface LogLifeSettings {
  readonly port: Pick<RedisPort, 'call'>;
  readonly keys: LogKeys;
  /** Waited for: what is asked before is not refused. */
  readonly first: FirstConnection;
  /** How long what is the log's own is kept when no node lives; milliseconds. */
  readonly keepMs: number;
  /** Called when a life has been entered; `moved`: in an epoch that this node didn't know as the present one. */
  readonly onEntered: (moved: boolean) => void;
}

interface Call {
  readonly number: number;
  /** Without one it waits for a life alone. */
  readonly script: LuaScript | undefined;
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
  lives: number;
}

/**
 * The life of the log that this node is in. Every call is meant for it, and refused in another; then the node enters that
 * one, and the calls are made again, in their order: none of them has been carried out.
 */
export class LogLife {
  /** The epoch of the life that was entered last. */
  epoch = '';
  private life: string | undefined;
  private entering = false;
  /** Whether what it is entering may be gone by now. */
  private outdated = false;
  /** The life whose scripts were found missing. */
  private silent = '';
  private waiting: Call[] = [];
  private calls = 0;
  /** The highest place that this node knows of each epoch since the last entry. */
  private readonly known = new Map<string, number>();

  constructor(private readonly settings: LogLifeSettings) {
    void this.afterFirst();
  }

  /**
   * Runs a script in the present life.
   *
   * @throws SseError as {@link RedisPort.call} does; `BROKER_UNAVAILABLE` also for what Redis refuses
   */
  call(script: LuaScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.begin(script, keys, args);
  }

  /**
   * Resolves when a life has been entered.
   *
   * @throws SseError as {@link call}
   */
  async ready(): Promise<void> {
    await this.begin(undefined, [], []);
  }

  /** Notes that the log has had this place, which can prove that it has lost something. */
  saw(epoch: string, place: number): void {
    if (place > (this.known.get(epoch) ?? 0)) {
      this.known.set(epoch, place);
    }
  }

  /** Looks whether another life has begun, or another epoch: in whatever process is there now. */
  enter(): void {
    this.life = undefined;
    if (this.entering) {
      this.outdated = true;
    } else if (this.settings.first.over) {
      this.entering = true;
      this.tryToEnter().catch((error: unknown) => this.failed(error));
    }
  }

  close(): void {
    this.outdated = false;
    this.failed(new SseError('BROKER_CLOSED', 'The broker has been closed.'));
  }

  private begin(
    script: LuaScript | undefined,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.calls += 1;
      this.make({ number: this.calls, script, keys, args, resolve, reject, lives: 0 });
    });
  }

  private make(call: Call): void {
    const { life } = this;
    if (life === undefined) {
      this.wait(call);
      return;
    }
    const { script, keys, args } = call;
    if (!script) {
      call.resolve(undefined);
      return;
    }
    this.settings.port
      .call('EVALSHA', script.sha, keys.length, ...keys, life, ...args)
      .then(call.resolve, (error: unknown) => {
        if (!isOfAnotherLife(error)) {
          call.reject(refusal(error));
          return;
        }
        if (this.life === life) {
          this.silent = error.code === 'NOSCRIPT' ? life : '';
          this.life = undefined;
        }
        this.wait(call);
      });
  }

  /** What was asked before the first connection goes on with it, or without. */
  private async afterFirst(): Promise<void> {
    await this.settings.first.wait();
    if (this.waiting.length > 0 && !this.entering) {
      this.enter();
    }
  }

  private wait(call: Call): void {
    call.lives += 1;
    if (this.waiting.length >= MAX_WAITING || call.lives > MAX_LIVES) {
      call.reject(
        new SseError(
          'BROKER_UNAVAILABLE',
          'The log of Redis could not be entered: too many calls wait for it, or its scripts or keys are deleted again and again. Nothing was sent.',
        ),
      );
      return;
    }
    this.waiting.push(call);
    if (!this.entering) {
      this.enter();
    }
  }

  private async tryToEnter(): Promise<void> {
    const { port, keys, keepMs } = this.settings;
    let life: string;
    let epoch: string;
    do {
      this.outdated = false;
      const known = [...this.known];
      const reply = await port.call(
        'EVAL',
        ENTER.text,
        2,
        keys.base,
        keys.lineage,
        newEpoch(),
        this.silent,
        Math.ceil(keepMs),
        keys.epochs,
        ...known.flat(),
      );
      let place: string;
      let begun: number;
      [life, epoch, place, begun] = reply as [string, string, string, number];
      await this.provideScripts(life, begun === 1);
      this.forget(known, epoch, Number(place));
    } while (this.outdated);
    const moved = epoch !== this.epoch;
    this.entering = false;
    this.silent = '';
    this.life = life;
    this.epoch = epoch;
    this.settings.onEntered(moved);
    const calls = this.waiting.toSorted((one, other) => one.number - other.number);
    this.waiting = [];
    calls.forEach((call) => this.make(call));
  }

  /**
   * Loads the scripts, but only into a life that this node has begun: a script that is there again in the same life would
   * carry out calls that come after a refused one.
   */
  private async provideScripts(life: string, begun: boolean): Promise<void> {
    const { port } = this.settings;
    if (begun) {
      await Promise.all(SCRIPTS.map(({ text }) => port.call('SCRIPT', 'LOAD', text)));
      return;
    }
    const there = await port.call('SCRIPT', 'EXISTS', ...SCRIPTS.map(({ sha }) => sha));
    if ((there as number[]).includes(0)) {
      this.silent = life;
      this.outdated = true;
    }
  }

  /** Lets go of what has been told; what has come up since is for the next entry. */
  private forget(told: readonly (readonly [string, number])[], epoch: string, place: number): void {
    for (const [known, highest] of told) {
      if (this.known.get(known) === highest) {
        this.known.delete(known);
      }
    }
    this.saw(epoch, place);
  }

  private failed(error: unknown): void {
    this.entering = false;
    if (this.outdated) {
      // It was another process that has failed.
      this.outdated = false;
      this.enter();
      return;
    }
    const calls = this.waiting;
    this.waiting = [];
    calls.forEach(({ reject }) => reject(refusal(error)));
  }
}

function isOfAnotherLife(error: unknown): error is RedisReplyError {
  return error instanceof RedisReplyError && (error.code === 'NOSCRIPT' || error.code === 'LIFE');
}

/** Time and chance: no two lives of a log share an epoch. */
function newEpoch(): string {
  return Date.now().toString(36) + randomBytes(4).readUInt32BE().toString(36);
}
