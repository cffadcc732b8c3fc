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
