/** What writes the assistant's answers. */
export type ModelConfiguration =
  | { readonly kind: 'offline' }
  | {
      readonly kind: 'openai';
      /** With the version: `https://api.openai.com/v1`, `http://127.0.0.1:11434/v1`. */
      readonly baseUrl: string;
      readonly apiKey: string | undefined;
      readonly model: string;
    };

/**
 * Reads LLM_BASE_URL, an endpoint that speaks OpenAI's API, with LLM_MODEL, the model's name there, and LLM_API_KEY, which
 * servers of one's own mostly don't need. Without any of them, answers come from a text generator of the application's own.
 *
 * @throws Error naming the variable that is wrong or missing
 */
export function parseModel(environment: NodeJS.ProcessEnv): ModelConfiguration {
  const baseUrl = environment['LLM_BASE_URL'] || undefined;
  const model = environment['LLM_MODEL'] || undefined;
  const apiKey = environment['LLM_API_KEY'] || undefined;
  if (baseUrl === undefined) {
    if (model !== undefined || apiKey !== undefined) {
      const given = model === undefined ? 'LLM_API_KEY' : 'LLM_MODEL';
      throw new Error(`LLM_BASE_URL must be set with ${given}, to https://api.openai.com/v1 for instance.`);
    }
    return { kind: 'offline' };
  }
  // Its value is in no message: it may have a password.
  const { protocol, username, password } = URL.canParse(baseUrl)
    ? new URL(baseUrl)
    : { protocol: '', username: '', password: '' };
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Error('LLM_BASE_URL must be a URL that begins with http:// or https://.');
  }
  if (username !== '' || password !== '') {
    throw new Error('LLM_BASE_URL must have no user and no password: set LLM_API_KEY.');
  }
  if (model === undefined) {
    throw new Error('LLM_MODEL must be set with LLM_BASE_URL: the name of the model that is to answer.');
  }
  return { kind: 'openai', baseUrl, apiKey, model };
}
