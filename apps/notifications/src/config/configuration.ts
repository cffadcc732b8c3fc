import { type LogFormat, parseLogFormat } from './log-format.js';
import { parseReadinessDelay } from './readiness-delay.js';
import { parseTrustProxy } from './trust-proxy.js';

/** What the environment says about the application; the port is the business of whoever lets it listen. */
export interface Configuration {
  /** Signs the sessions; `undefined`: a random one. */
  readonly sessionSecret: string | undefined;
  /** Milliseconds. */
  readonly readinessDelayMs: number;
  /** Express's `trust proxy`. */
  readonly trustProxy: number | string[] | false;
  readonly logFormat: LogFormat;
}

/** @throws Error naming the variable that is wrong */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  return {
    sessionSecret: environment['SESSION_SECRET'],
    readinessDelayMs: parseReadinessDelay(environment['READINESS_DELAY_MS']),
    trustProxy: parseTrustProxy(environment['TRUST_PROXY']),
    logFormat: parseLogFormat(environment['LOG_FORMAT']),
  };
}
