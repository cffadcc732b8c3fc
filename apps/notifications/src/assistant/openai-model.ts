import OpenAI, { APIConnectionError, APIError } from 'openai';

import type { ModelConfiguration } from '../config/model.js';
import { ModelError, type ModelErrorCode } from './model-error.js';
import type { TextModel } from './text-model.js';

const INSTRUCTIONS = 'Answer in plain text, without Markdown. Be brief.';
/** How long the server may be silent, before the answer and in it. */
const SILENCE_MS = 60_000;

/** A model behind an HTTP endpoint that speaks OpenAI's chat completions API: OpenAI itself, vLLM, llama.cpp, Ollama and others. */
export class OpenAiModel implements TextModel {
  readonly name: string;
  private readonly client: OpenAI;

  /** @param silenceMs how long the server may be silent; milliseconds, default 60,000 */
  constructor(
    { baseUrl, apiKey, model }: Extract<ModelConfiguration, { kind: 'openai' }>,
    private readonly silenceMs = SILENCE_MS,
  ) {
    this.name = model;
    this.client = new OpenAI({
      baseURL: baseUrl,
      // Servers without keys take any.
      apiKey: apiKey ?? 'none',
      // All is in our configuration: nothing is to come from variables that the library knows.
      organization: null,
      project: null,
      webhookSecret: null,
      // Who asks is told, and can ask again; until the first byte the watch below is the timeout.
      maxRetries: 0,
      timeout: silenceMs * 2,
      logLevel: 'off',
    });
  }

  /** @throws ModelError */
  async *generate(prompt: string, signal: AbortSignal): AsyncGenerator<string> {
    const silence = new AbortController();
    const watch = setTimeout(() => silence.abort(), this.silenceMs);
    let begun = false;
    let finished = false;
    try {
      const stream = await this.client.chat.completions.create(
        {
          model: this.name,
          messages: [
            { role: 'system', content: INSTRUCTIONS },
            { role: 'user', content: prompt },
          ],
          stream: true,
        },
        { signal: AbortSignal.any([signal, silence.signal]) },
      );
      begun = true;
      for await (const { choices } of stream) {
        watch.refresh();
        const [choice] = choices;
        finished ||= typeof choice?.finish_reason === 'string';
        if (choice?.delta?.content) {
          yield choice.delta.content;
          // Whoever reads may have taken its time.
          watch.refresh();
        }
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      throw silence.signal.aborted ? new ModelError('TIMEOUT') : modelErrorOf(error, begun);
    } finally {
      clearTimeout(watch);
    }
    // An abort ends the library's stream as if it had come to its end.
    if (!finished && !signal.aborted) {
      throw new ModelError(silence.signal.aborted ? 'TIMEOUT' : 'CUT_OFF');
    }
  }
}

/** The cause isn't kept: a server's words may repeat a part of the key. */
function modelErrorOf(error: unknown, begun: boolean): ModelError {
  if (begun) {
    return new ModelError('CUT_OFF');
  }
  if (error instanceof APIConnectionError) {
    return new ModelError('UNREACHABLE');
  }
  const status: number | undefined = error instanceof APIError ? error.status : undefined;
  return new ModelError(codeOf(status), status);
}

function codeOf(status: number | undefined): ModelErrorCode {
  if (status === 401 || status === 403) {
    return 'UNAUTHORIZED';
  }
  if (status === 429) {
    return 'BUSY';
  }
  return status !== undefined && status < 500 ? 'REFUSED' : 'FAILED';
}
