/** The name under which metrics and traces appear. */
export const INSTRUMENTATION = '@nestcast/sse';
