import { UnsupportedMediaTypeException } from '@nestjs/common';
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
 * Refuses bodies that an HTML form could send. Another site's script can send JSON only after a CORS preflight, which this
 * application never answers; with the cookie's SameSite=Lax that is the protection against CSRF.
 */
export function jsonBodiesOnly(request: Request, _response: Response, next: NextFunction): void {
  // `is()` is null without a body, and false with a body of another type.
  if (request.is('application/json') === false) {
    next(new UnsupportedMediaTypeException('Send application/json.'));
    return;
  }
  next();
}
