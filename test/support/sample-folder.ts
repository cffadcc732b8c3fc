import { rm } from 'node:fs/promises';

import { sampleTemplate } from '../../apps/notifications/src/spec-support/sample-template.js';

/** A folder for the sample's embedded database, which has its tables and demo accounts already. */
export const sampleFolder = (): Promise<string> => sampleTemplate.copy();

export const deleteFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
