import type { AddressInfo } from 'node:net';

import { createApp } from '@nestcast/notifications';

import { setEnvironment } from './environment.js';
import { deleteFolder, sampleFolder } from './sample-folder.js';

/** What a hook that starts it may take: filling its database needs a second, on a busy machine many. */
export const START_MS = 30_000;

/** The sample application, listening. */
export interface SampleApp {
  readonly url: string;
  readonly port: number;
  /** Where its database is. */
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * Starts it on the port, or on a free one.
 *
 * @param folder of its database, which stays when it is closed; default: a new one, which doesn't
 */
export async function startSample(port = 0, folder?: string): Promise<SampleApp> {
  const own = folder ?? (await sampleFolder());
  const restore = setEnvironment({ DATABASE_FOLDER: own });
  const app = await createApp({ logger: false }).finally(restore);
  await app.listen(port, '127.0.0.1');
  const address = app.getHttpServer().address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    folder: own,
    close: async () => {
      await app.close();
      if (folder === undefined) {
        await deleteFolder(own);
      }
    },
  };
}
