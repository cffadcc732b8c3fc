import { Global, Module } from '@nestjs/common';

import { Outbox } from './outbox.js';
import { OutboxBatches } from './outbox-batches.js';
import { OutboxMetrics } from './outbox-metrics.js';
import { OutboxRelay } from './outbox-relay.js';

@Global()
@Module({ providers: [Outbox, OutboxBatches, OutboxMetrics, OutboxRelay], exports: [Outbox] })
export class OutboxModule {}
