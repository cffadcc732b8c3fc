import { Logger } from '@nestjs/common';

import { readConfiguration } from './config/configuration.js';
import { parsePort } from './config/port.js';
import { createApp } from './create-app.js';
import { runWorkers } from './run-workers.js';

const logger = new Logger('Notifications');

async function listen(port: number): Promise<void> {
  const app = await createApp();
  await app.listen(port);
  logger.log(`Open ${(await app.getUrl()).replace('[::1]', 'localhost')}`);
}

try {
  const port = parsePort(process.env['PORT']);
  const configuration = readConfiguration(process.env);
  if (configuration.broker.kind === 'cluster') {
    await runWorkers(configuration.broker.workers, configuration, () => listen(port));
  } else {
    await listen(port);
  }
} catch (error) {
  logger.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
