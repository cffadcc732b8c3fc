import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { memoryBroker } from '@nestcast/hub';
import { describeBroker } from '@nestcast/testing';

/** Every engine keeps the one contract. */
describeBroker(
  'memory',
  { create: (context) => memoryBroker()(context) },
  { describe, it, beforeEach, afterEach },
);
