import { type Channel, SseChannel, SseChannelRegistry, SseConnectionLimit } from '@nestcast/sse';
import {
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import type { Request } from 'express';

import { CurrentUser } from '../session/current-user.decorator.js';
import type { User } from '../session/session.js';
import { SessionGuard } from '../session/session.guard.js';
import { Sessions } from '../session/sessions.js';
import { CsvUpload } from './csv-upload.js';
import { importChannel } from './import-events.js';
import { ImportFeed } from './import-feed.js';
import { ImportFile } from './import-file.js';
import { ImportQueryDto } from './import-query.dto.js';
import { ImportRunner } from './import-runner.js';
import { ImportStore } from './import-store.js';
import type { Import, ImportDetails } from './import.js';

/** Of another user's import nobody learns whether there is one. */
const IMPORT_ID = new ParseUUIDPipe({ errorHttpStatusCode: HttpStatus.NOT_FOUND });

/** Many notifications from one file. Whoever may send one may send many: members, too. */
@Controller('imports')
@UseGuards(SessionGuard)
export class ImportsController {
  constructor(
    private readonly imports: ImportStore,
    private readonly runner: ImportRunner,
    private readonly feed: ImportFeed,
    private readonly channels: SseChannelRegistry,
    private readonly sessions: Sessions,
  ) {}

  /** What is wrong with a line is told as the import comes to it; here only what makes all of it impossible. */
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async create(
    @CurrentUser() { id: userId }: User,
    @Query() { fileName }: ImportQueryDto,
    @CsvUpload() upload: Buffer,
  ): Promise<{ readonly id: string }> {
    const id = await this.imports.create(userId, fileName, await ImportFile.of(upload));
    this.runner.wake();
    return { id };
  }

  @Get()
  list(@CurrentUser() { id: userId }: User): Promise<Import[]> {
    return this.imports.list(userId);
  }

  @Get(':id')
  async find(
    @CurrentUser() { id: userId }: User,
    @Param('id', IMPORT_ID) id: string,
  ): Promise<ImportDetails> {
    const found = await this.imports.find(userId, id);
    if (found === undefined) {
      throw new NotFoundException('There is no such import.');
    }
    return found;
  }

  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  async cancel(@CurrentUser() user: User, @Param('id', IMPORT_ID) id: string): Promise<void> {
    await this.find(user, id);
    await this.imports.cancel(user.id, id);
  }

  /** All from the start, to its end; of one that has ended the end at once. Who comes back after that gets 204. */
  @SseChannel(':id/stream')
  @SseConnectionLimit({ perUser: 6 })
  async stream(
    @CurrentUser() user: User,
    @Param('id', IMPORT_ID) id: string,
    @Req() request: Request,
  ): Promise<Channel> {
    const found = await this.find(user, id);
    // Asked again, now that the connection is known: who has signed out everywhere since the guard was here closes it.
    if ((await this.sessions.userOf(request)) === undefined) {
      throw new UnauthorizedException('Sign in first.');
    }
    if (found.finishedAt !== null) {
      await this.feed.endAgain({ ...found, userId: user.id });
    }
    return this.channels.channel(importChannel(user.id, id)).fromStart();
  }
}
