/** @jest-environment ./libs/client/src/spec-support/browser-environment.js */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { act, cleanup, renderHook } from '@testing-library/react';

import { type SessionControls, SessionProvider, useSessionControls } from './session-context.js';

type Answer = (status: number, body?: object) => Promise<void>;

/** What was asked of the server, to be answered in any order. */
let asked: { readonly what: string; readonly answer: Answer }[];
let hook: { readonly current: SessionControls };
const realFetch = globalThis.fetch;

/** Who is signed in, as far as the page knows. */
function shown(): string {
  const { state } = hook.current;
  return state.status === 'signed-in' ? state.session.id : state.status;
}

const ada = { id: 'ada', name: 'Ada', role: 'admin' };
const grace = { id: 'grace', name: 'Grace', role: 'member' };

/** Answers the first request, or a later one, which must be this one. */
async function answer(what: string, at: number, status: number, body?: object): Promise<void> {
  expect(asked[at]?.what).toBe(what);
  await act(async () => asked[at]?.answer(status, body));
}

beforeEach(() => {
  asked = [];
  globalThis.fetch = (path, init) =>
    new Promise((resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
      const respond: Answer = async (status, body) => {
        resolve(new Response(body && JSON.stringify(body), { status }));
        await new Promise((done) => setTimeout(done));
      };
      asked.push({ what: `${init?.method} ${path as string}`, answer: respond });
    });
  hook = renderHook(useSessionControls, { wrapper: SessionProvider }).result;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

describe('the session', () => {
  it('stays left when the server answers then who it was', async () => {
    await answer('GET /session', 0, 200, ada);
    expect(shown()).toBe('ada');
    // The server ends the streams before it answers, and each asks whose session it is.
    act(() => {
      void hook.current.signOut();
      void hook.current.refresh();
    });
    await answer('DELETE /session', 1, 204);
    expect(shown()).toBe('signed-out');
    await answer('GET /session', 2, 200, ada);
    expect(shown()).toBe('signed-out');
  });

  it('is what the last question was answered, whichever answer comes last', async () => {
    act(() => void hook.current.refresh());
    await answer('GET /session', 1, 200, grace);
    await answer('GET /session', 0, 200, ada);
    expect(shown()).toBe('grace');
  });

  it('is as it was before where it can’t be left', async () => {
    await answer('GET /session', 0, 200, ada);
    let refusal: Promise<void> = Promise.resolve();
    act(() => {
      refusal = expect(hook.current.signOut()).rejects.toMatchObject({ status: 503 });
      void hook.current.refresh();
    });
    await answer('DELETE /session', 1, 503);
    await refusal;
    await answer('GET /session', 2, 200, grace);
    expect(shown()).toBe('grace');
  });
});
