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
 * Refuses requests of other sites' pages, by what the browser says of them (Fetch Metadata), but for links that lead here: they
 * could neither read an answer nor be seen doing it, but change something, or take a user's streams. Another port or another
 * subdomain is another site here, though the cookie's SameSite=Lax lets them pass. Clients that are no browsers say nothing, and
 * have no cookies of anybody's.
 */
export function ownPagesOnly(request: Request, _response: Response, next: NextFunction): void {
  const from = request.get('sec-fetch-site') ?? 'none';
  if (from !== 'same-origin' && from !== 'none' && !isLink(request)) {
    next(new ForbiddenException('Pages of other sites can’t use this.'));
    return;
  }
  next();
}

const isLink = (request: Request): boolean =>
  ['GET', 'HEAD'].includes(request.method) &&
  request.get('sec-fetch-mode') === 'navigate' &&
  request.get('sec-fetch-dest') === 'document';

/** What is answered to one is kept for nobody, unless a route says otherwise. */
export function storedNowhere(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
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
