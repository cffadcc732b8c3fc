import { setTimeout as delay } from 'node:timers/promises';

import { SampleUser } from './sample-user.js';

const ANSWER_MS = 15_000;
const AGAIN_MS = 25;
/** Answers of a node that has begun, or is about to end: not now. */
const NOT_NOW: ReadonlySet<number> = new Set([429, 502, 503]);

/** Says where the next request goes: to one of the nodes, whether it is up or not. */
export type Origin = () => string;

/** A signed-in user who repeats a request that has had no answer, as those must who can't know whether it was carried out. */
export class PatientUser {
  private constructor(
    readonly id: string,
    readonly cookie: string,
    readonly origin: Origin,
    /** When it gives up. */
    private readonly giveUp: AbortSignal,
  ) {}

  static async signIn(origin: Origin, id: string, giveUp: AbortSignal): Promise<PatientUser> {
    const { cookie } = await SampleUser.signIn(origin(), id);
    return new PatientUser(id, cookie, origin, giveUp);
  }

  /** The same session, with requests to one node only. */
  at(origin: string): PatientUser {
    return new PatientUser(this.id, this.cookie, () => origin, this.giveUp);
  }

  /** Each may go to another node, whichever the URL names. */
  readonly fetch = (url: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('cookie', this.cookie);
    const { pathname, search } = new URL(url, this.origin());
    return fetch(new URL(pathname + search, this.origin()), { ...init, headers });
  };

  get<T>(path: string): Promise<T> {
    return this.untilAnswered(path, {});
  }

  /** @param requestKey by which the server knows a repetition */
  post<T>(path: string, body: object, requestKey?: string): Promise<T> {
    return this.untilAnswered(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(requestKey !== undefined && { 'idempotency-key': requestKey }),
      },
      body: JSON.stringify(body),
    });
  }

  private async untilAnswered<T>(path: string, init: RequestInit): Promise<T> {
    for (;;) {
      this.giveUp.throwIfAborted();
      const answer = await this.answer<T>(path, init);
      if (answer !== undefined) {
        return answer;
      }
      await delay(AGAIN_MS);
    }
  }

  /** `undefined`: nobody can say what has become of it. */
  private async answer<T>(path: string, init: RequestInit): Promise<T | undefined> {
    let response: Response;
    try {
      response = await this.fetch(path, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
      if (response.ok) {
        return (await response.json()) as T;
      }
    } catch {
      return undefined;
    }
    if (NOT_NOW.has(response.status)) {
      return undefined;
    }
    throw new Error(`${this.id}: ${path} was answered with ${response.status}: ${await response.text()}`);
  }
}
