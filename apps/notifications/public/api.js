/** An answer of the server that is not a success; `messages` are Nest's, one for each broken rule. */
export class ApiError extends Error {
  constructor(status, messages) {
    super(messages[0]);
    this.status = status;
    this.messages = messages;
  }
}

export const currentSession = () => request('GET', '/session');
export const signIn = (userId) => request('POST', '/session', { userId });
export const signOut = () => request('DELETE', '/session');
export const signOutEverywhere = () => request('DELETE', '/session/everywhere');
export const recentNotifications = () => request('GET', '/notifications');
export const sendNotification = (draft) => request('POST', '/notifications', draft);

async function request(method, path, body) {
  const init = { method, headers: { Accept: 'application/json' } };
  if (body !== undefined) {
    init.headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(0, ['The server can’t be reached. Try again in a moment.']);
  }
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw new ApiError(
      response.status,
      [answer?.message ?? `The server answered ${response.status}.`].flat(),
    );
  }
  return answer;
}

/**
 * Why an EventSource was refused, which it doesn't tell: `{ status, limit, retryAfterMs }`, with status 0 where there was
 * no answer. A 200 means that it wouldn't be refused any more.
 */
export async function refusalOf(path) {
  const asking = new AbortController();
  try {
    const response = await fetch(path, {
      headers: { Accept: 'text/event-stream' },
      signal: asking.signal,
    });
    const answer = response.ok ? undefined : await response.json().catch(() => undefined);
    const retryAfterMs = Number(response.headers.get('Retry-After') ?? 0) * 1_000;
    return { status: response.status, limit: answer?.limit, retryAfterMs };
  } catch {
    return { status: 0, retryAfterMs: 0 };
  } finally {
    asking.abort();
  }
}
