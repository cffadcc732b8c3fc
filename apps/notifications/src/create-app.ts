import { ConsoleLogger, ValidationPipe, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module.js';
import { readConfiguration } from './config/configuration.js';
import { jsonBodiesOnly, ownPagesOnly, securityHeaders, storedNowhere } from './http-security.js';
import { CSV_UPLOADS } from './imports/csv-upload.js';
import { PrometheusMetrics } from './metrics/prometheus-metrics.js';
import { PUBLIC_FOLDER, STATIC_FILES } from './pages/public-folder.js';
import { sessionCookie } from './session/session-cookie.js';

/**
 * The whole application, configured and not yet listening.
 *
 * @throws Error naming the environment variable that is wrong
 */
export async function createApp({
  logger,
}: Pick<NestApplicationOptions, 'logger'> = {}): Promise<NestExpressApplication> {
  const configuration = readConfiguration(process.env);
  const root = AppModule.of(configuration, new PrometheusMetrics());
  const app = await NestFactory.create<NestExpressApplication>(root, {
    logger: logger ?? new ConsoleLogger({ json: configuration.logFormat === 'json' }),
    bodyParser: false,
    // When all streams are flushed: a connection that a browser has opened in advance would keep the process for a minute.
    forceCloseConnections: true,
  });
  app.disable('x-powered-by');
  app.set('trust proxy', configuration.trustProxy);
  app.use(securityHeaders());
  app.useStaticAssets(PUBLIC_FOLDER, STATIC_FILES);
  app.use(ownPagesOnly, jsonBodiesOnly, storedNowhere);
  app.useBodyParser('json', { limit: '32kb' });
  app.use(sessionCookie(configuration.sessionSecret));
  app.useBodyParser('raw', CSV_UPLOADS);
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
  // An end on request is a success: without it Nest ends the process by the signal, and its exit code says so.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  return app;
}
