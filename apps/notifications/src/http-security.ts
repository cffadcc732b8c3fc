import { ForbiddenException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** Helmet's headers, with a policy under which the page runs its own files and nothing else. */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
    // TLS is the proxy's, and so is the promise to stay with it.
    strictTransportSecurity: false,
  });
}

/**
 * Refuses requests of other sites' pages that would change something, by what the browser says of them (Fetch Metadata).
 * Clients that are no browsers say nothing, and have no cookies of anybody's.
 */
export function sameSiteOnly(request: Request, _response: Response, next: NextFunction): void {
  const from = request.get('sec-fetch-site') ?? 'none';
  if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method) && from !== 'same-origin' && from !== 'none') {
    next(new ForbiddenException('Requests of other sites may change nothing here.'));
    return;
  }
  next();
}

/**
 * Refuses bodies that an HTML form could send. Another site's script can send these only after a CORS preflight, which this
 * application never answers. With the cookie's SameSite=Lax, and for browsers without Fetch Metadata, that is the
 * protection against CSRF.
 */
export function jsonBodiesOnly(request: Request, _response: Response, next: NextFunction): void {
  // `is()` is null without a body, and false with a body of another type.
  if (request.is(['application/json', 'text/csv']) === false) {
    next(new UnsupportedMediaTypeException('Send application/json.'));
    return;
  }
  next();
}
