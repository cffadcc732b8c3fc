import { runCluster } from '@nestcast/sse';
import { Logger } from '@nestjs/common';

import { readConfiguration } from './config/configuration.js';
import { parsePort } from './config/port.js';
import { createApp } from './create-app.js';
import { randomSecret } from './session/session-cookie.js';

const logger = new Logger('Notifications');

async function listen(port: number): Promise<void> {
  const app = await createApp();
  await app.listen(port);
  logger.log(`Open ${(await app.getUrl()).replace('[::1]', 'localhost')}`);
}

try {
  const port = parsePort(process.env['PORT']);
  const { broker, sessionSecret } = readConfiguration(process.env);
  if (broker.kind === 'cluster') {
    // The workers get it with the rest of the environment: each must know the sessions of the others.
    process.env['SESSION_SECRET'] = sessionSecret ?? randomSecret();
    await runCluster(() => listen(port), { workers: broker.workers });
  } else {
    await listen(port);
  }
} catch (error) {
  logger.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
