import { Logger } from '@nestjs/common';

import { createApp } from './create-app.js';
import { parsePort } from './config/port.js';

const logger = new Logger('Notifications');

try {
  const port = parsePort(process.env['PORT']);
  const app = await createApp();
  await app.listen(port);
  logger.log(`Open ${(await app.getUrl()).replace('[::1]', 'localhost')}`);
} catch (error) {
  logger.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
