/** What writes answers; also the token to inject it by. */
export interface TextModel {
  /** As users see it. */
  readonly name: string;
  /**
   * Writes an answer, piece by piece, none of them empty. It ends soon after the signal is aborted, whether by returning or by
   * throwing, and lets go of whatever it has open; so it does when it is told to return.
   *
   * @throws ModelError when it can't go on
   */
  generate(prompt: string, signal: AbortSignal): AsyncIterable<string>;
}
export const TextModel = Symbol('TextModel');
