import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';

import { INDEX_FILE } from './public-folder.js';

/** Paths of pages: all are one document, whose script shows what the path says. `/` is served with the other files. */
@Controller()
export class PagesController {
  @Get(['ask', 'upload', 'live', 'ops'])
  page(@Res() response: Response): void {
    // What it names has names that change with their content; it itself must be asked for each time.
    response.sendFile(INDEX_FILE, { headers: { 'Cache-Control': 'no-cache' } });
  }
}
