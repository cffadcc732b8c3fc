import { Module } from '@nestjs/common';

import { NotificationsModule } from '../notifications/notifications.module.js';
import { ImportBatches } from './import-batches.js';
import { ImportClaims } from './import-claims.js';
import { ImportFeed } from './import-feed.js';
import { ImportRunner } from './import-runner.js';
import { ImportStore } from './import-store.js';
import { ImportsController } from './imports.controller.js';

@Module({
  imports: [NotificationsModule],
  controllers: [ImportsController],
  providers: [ImportStore, ImportClaims, ImportBatches, ImportFeed, ImportRunner],
})
export class ImportsModule {}
