import { type BrokerConfiguration, parseBroker } from './broker.js';
import { type DatabaseConfiguration, parseDatabase } from './database.js';
import { parseDemoPassword } from './demo-password.js';
import { type LogFormat, parseLogFormat } from './log-format.js';
import { type ModelConfiguration, parseModel } from './model.js';
import { parseNodeName } from './node-name.js';
import { parseReadinessDelay } from './readiness-delay.js';
import { parseSessionSecret } from './session-secret.js';
import { parseTrustProxy } from './trust-proxy.js';

/** What the environment says about the application; the port is the business of whoever lets it listen. */
export interface Configuration {
  readonly broker: BrokerConfiguration;
  readonly database: DatabaseConfiguration;
  /** Of the accounts that an empty database gets; `undefined`: it gets none. */
  readonly demoPassword: string | undefined;
  /** What writes the assistant's answers. */
  readonly model: ModelConfiguration;
  /** What this node is called where there may be others; `undefined`: there are none. */
  readonly nodeName: string | undefined;
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
  const broker = parseBroker(environment);
  const database = parseDatabase(environment, broker);
  return {
    broker,
    database,
    demoPassword: parseDemoPassword(environment['DEMO_PASSWORD'], database),
    model: parseModel(environment),
    nodeName: parseNodeName(environment['NODE_NAME'], broker),
    sessionSecret: parseSessionSecret(environment['SESSION_SECRET'], broker),
    readinessDelayMs: parseReadinessDelay(environment['READINESS_DELAY_MS']),
    trustProxy: parseTrustProxy(environment['TRUST_PROXY']),
    logFormat: parseLogFormat(environment['LOG_FORMAT']),
  };
}
