const FORMATS = ['text', 'json'] as const;

export type LogFormat = (typeof FORMATS)[number];

/**
 * Reads the LOG_FORMAT variable: `text` for people, which it is where it isn't set, or `json`, an object a line, for
 * whatever collects logs.
 *
 * @throws Error when it is set to anything else
 */
export function parseLogFormat(value: string | undefined): LogFormat {
  const format = FORMATS.find((known) => known === (value || 'text'));
  if (format === undefined) {
    throw new Error(`LOG_FORMAT must be ${FORMATS.join(' or ')}, but it is ${JSON.stringify(value)}.`);
  }
  return format;
}
