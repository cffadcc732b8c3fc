import { type CompressionOptions, hubDefaults } from '@nestcast/hub';
import { Injectable } from '@nestjs/common';
import { CompressionRules } from './option-rules.js';
import type { Given } from './option-validation.js';
import { RouteOptionsInterceptor, routeOptionsDecorator } from './route-options.js';
import type { SseRequest } from './sse-request.js';

const COMPRESSION = Symbol('nestcast:compression');

/** Has a stream compressed for clients that accept it: as `@SseCompression()` says, else as the module or the defaults do. */
@Injectable()
export class SseCompressionInterceptor extends RouteOptionsInterceptor {
  protected setOptions(
    request: SseRequest,
    ofRoute: <T extends object>(key: symbol, defaults: T) => T,
  ): void {
    request.compression = ofRoute(COMPRESSION, this.module.compression ?? hubDefaults.compression);
  }
}

/**
 * Compresses the streams of a route, or of all routes of a controller; what is left out is the module's. No `encodings`: not
 * at all. `br` among them is for private streams; those of channels are in one of the others, or in none.
 *
 * @throws SseError `INVALID_OPTION`
 */
export function SseCompression(options: Given<CompressionOptions> = {}): ClassDecorator & MethodDecorator {
  return routeOptionsDecorator(
    '@SseCompression()',
    CompressionRules,
    options,
    COMPRESSION,
    SseCompressionInterceptor,
  );
}
