export type ModelErrorCode =
  'UNREACHABLE' | 'UNAUTHORIZED' | 'BUSY' | 'REFUSED' | 'FAILED' | 'TIMEOUT' | 'CUT_OFF' | 'TOO_LONG';

/** What users are told: nothing of addresses and keys. */
const MESSAGES: Readonly<Record<ModelErrorCode, string>> = {
  UNREACHABLE: 'The model can’t be reached. Try again in a moment.',
  UNAUTHORIZED: 'The model’s server doesn’t accept our key. Please tell an administrator.',
  BUSY: 'The model has too much to do. Try again in a moment.',
  REFUSED: 'The model’s server doesn’t accept this request. Please tell an administrator.',
  FAILED: 'The model has failed. Try again in a moment.',
  TIMEOUT: 'The model has been silent for too long. Try again in a moment.',
  CUT_OFF: 'The connection to the model broke in the middle of the answer. Ask again.',
  TOO_LONG: 'The answer became too long, and was cut here.',
};

/** Why a model has not answered, or not to the end. Its message is for users. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  /** @param status of the model's server, over HTTP; `undefined` where there was none */
  constructor(
    readonly code: ModelErrorCode,
    readonly status?: number,
  ) {
    super(MESSAGES[code]);
  }
}
