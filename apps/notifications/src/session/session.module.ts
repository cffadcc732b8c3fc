import { Module } from '@nestjs/common';

import { SessionController } from './session.controller.js';
import { SessionStore } from './session-store.js';

@Module({ controllers: [SessionController], providers: [SessionStore], exports: [SessionStore] })
export class SessionModule {}
