/** An answer that is not a success, or none at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  /**
   * @param status of HTTP; 0 where there was no answer
   * @param messages for people; several where several rules are broken
   */
  constructor(
    readonly status: number,
    readonly messages: readonly [string, ...string[]],
    options?: ErrorOptions,
  ) {
    super(messages[0], options);
  }
}

export interface RequestOptions {
  /** Sent as JSON; a `Blob` as it is, with its own type. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const UNAUTHORIZED = 401;
const signedOut = new EventTarget();

/** Calls back for each answer that says that nobody is signed in; returns what takes it back. */
export function onUnauthorized(listener: () => void): () => void {
  signedOut.addEventListener('unauthorized', listener);
  return () => signedOut.removeEventListener('unauthorized', listener);
}

/**
 * Asks the server; resolves with its JSON, `undefined` where it has answered nothing.
 *
 * @throws ApiError when it refuses, or can't be reached; an `AbortError` when the signal says so
 */
export async function request<Answer = void>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { body, headers, signal }: RequestOptions = {},
): Promise<Answer> {
  const asJson = body !== undefined && !(body instanceof Blob);
  const init: RequestInit = {
    method,
    headers: {
      Accept: 'application/json',
      ...(asJson && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: asJson ? JSON.stringify(body) : body,
    signal,
  };
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, init);
    // It may break off here, too.
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ApiError(0, ['The server can’t be reached. Try again in a moment.'], { cause });
  }
  if (response.status === UNAUTHORIZED) {
    signedOut.dispatchEvent(new Event('unauthorized'));
  }
  if (!response.ok) {
    throw new ApiError(response.status, messagesOf(text) ?? [`The server answered ${response.status}.`]);
  }
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** What can be told to people of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'Something went wrong. Load the page again.';
}

/** Nest's `message`: one, or one for each broken rule. A proxy's answer is no JSON, and has none. */
function messagesOf(text: string): [string, ...string[]] | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: string | [string, ...string[]] };
    return typeof message === 'string' ? [message] : message;
  } catch {
    return undefined;
  }
}
