import { describe, expect, it } from '@jest/globals';

import { parseModel } from './model.js';

const LLM_BASE_URL = 'http://127.0.0.1:11434/v1';

describe('parseModel', () => {
  it.each([
    [{}, { kind: 'offline' }],
    [{ LLM_BASE_URL: '', LLM_MODEL: '', LLM_API_KEY: '' }, { kind: 'offline' }],
    [
      { LLM_BASE_URL, LLM_MODEL: 'small' },
      { kind: 'openai', baseUrl: LLM_BASE_URL, model: 'small', apiKey: undefined },
    ],
    [
      { LLM_BASE_URL, LLM_MODEL: 'small', LLM_API_KEY: 'key' },
      { kind: 'openai', baseUrl: LLM_BASE_URL, model: 'small', apiKey: 'key' },
    ],
  ])('reads %j as %j', (environment, model) => {
    expect(parseModel(environment)).toEqual(model);
  });

  it.each([
    [{ LLM_API_KEY: 'key' }, 'LLM_BASE_URL must be set with LLM_API_KEY'],
    [{ LLM_MODEL: 'small' }, 'LLM_BASE_URL must be set with LLM_MODEL'],
    [{ LLM_BASE_URL }, 'LLM_MODEL must be set with LLM_BASE_URL'],
    [{ LLM_BASE_URL: 'localhost:11434', LLM_MODEL: 'small' }, 'must be a URL that begins with http://'],
    [{ LLM_BASE_URL: 'http://me:secret@host/v1', LLM_MODEL: 'small' }, 'no user and no password'],
  ])('refuses %j and says so', (environment, message) => {
    expect(() => parseModel(environment)).toThrow(message);
  });

  it('repeats no secret', () => {
    expect(() => parseModel({ LLM_BASE_URL: 'ftp://me:secret@host', LLM_MODEL: 'x' })).toThrow(
      /^(?!.*secret)/,
    );
  });
});
