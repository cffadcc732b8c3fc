import { type CompressionOptions, hubDefaults } from '@nestcast/hub';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
  applyDecorators,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import { CompressionRules } from './option-rules.js';
import { type Given, assertOptions } from './option-validation.js';
import { routeOptions } from './route-options.js';
import { ResolvedSseOptions } from './sse.options.js';
import { SseRequest } from './sse-request.js';

const COMPRESSION = Symbol('nestcast:compression');

/** Has a stream compressed for clients that accept it: as `@SseCompression()` says, else as the module or the defaults do. */
@Injectable()
export class SseCompressionInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly options: ResolvedSseOptions,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const defaults = this.options.compression ?? hubDefaults.compression;
    SseRequest.of(context).compression = routeOptions(this.reflector, COMPRESSION, context, defaults);
    return next.handle();
  }
}

/**
 * Compresses the streams of a route, or of all routes of a controller; what is left out is the module's. No `encodings`: not at all.
 *
 * @throws SseError `INVALID_OPTION`
 */
export function SseCompression(options: Given<CompressionOptions> = {}): ClassDecorator & MethodDecorator {
  assertOptions('@SseCompression()', CompressionRules, options);
  return applyDecorators(SetMetadata(COMPRESSION, options), UseInterceptors(SseCompressionInterceptor));
}
