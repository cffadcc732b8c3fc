import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';

// The same distance from src/ (tests) and from dist/ (production).
export const PUBLIC_FOLDER = fileURLToPath(new URL('../../public/', import.meta.url));
export const INDEX_FILE = join(PUBLIC_FOLDER, 'index.html');

/** Files in `assets` have names that change with their content. */
export const STATIC_FILES: Parameters<NestExpressApplication['useStaticAssets']>[1] = {
  setHeaders: (response: Response, path: string) => {
    const seconds = path.startsWith(join(PUBLIC_FOLDER, 'assets/')) ? 31_536_000 : 0;
    response.setHeader('Cache-Control', seconds > 0 ? `public, max-age=${seconds}, immutable` : 'no-cache');
  },
};
