import { fileURLToPath } from 'node:url';

import { ValidationPipe, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module.js';
import { jsonBodiesOnly, securityHeaders } from './http-security.js';
import { sessionCookie } from './session/session-cookie.js';

// The same distance from src/ (tests) and from dist/ (production).
const PUBLIC_FOLDER = fileURLToPath(new URL('../public/', import.meta.url));

/** The whole application, configured and not yet listening. */
export async function createApp({
  logger,
}: Pick<NestApplicationOptions, 'logger'> = {}): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger, bodyParser: false });
  app.disable('x-powered-by');
  app.use(securityHeaders());
  app.useStaticAssets(PUBLIC_FOLDER);
  app.use(jsonBodiesOnly);
  app.useBodyParser('json', { limit: '32kb' });
  app.use(sessionCookie(process.env['SESSION_SECRET']));
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
  app.enableShutdownHooks();
  return app;
}
