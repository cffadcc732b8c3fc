import { SetMetadata, UseGuards, applyDecorators } from '@nestjs/common';
import { assertOptions } from '../option-validation.js';
import { LimitRules } from '../option-rules.js';
import type { LimitOptions } from '../sse.options.js';
import { CONNECTION_LIMIT } from './connection-limit.metadata.js';
import { SseConnectionLimitGuard } from './sse-connection-limit.guard.js';

/**
 * Limits the connections to a route, or to all routes of a controller. A limit given here counts the route's own
 * connections; one left out is the controller's, then the module's; `perUser` without any of them is 3.
 *
 * Nest runs the guards of the lowest decorator first: put this one above the `@UseGuards()` that finds out who the user is.
 *
 * @throws SseError `INVALID_OPTION`
 */
export function SseConnectionLimit(options: LimitOptions = {}): ClassDecorator & MethodDecorator {
  assertOptions('@SseConnectionLimit()', LimitRules, options);
  return applyDecorators(SetMetadata(CONNECTION_LIMIT, options), UseGuards(SseConnectionLimitGuard));
}
