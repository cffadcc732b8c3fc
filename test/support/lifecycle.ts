import { Hub, type HubConnection } from '@nestcast/hub';
import type { CloseReason, LifecycleEvent } from '@nestcast/sse';
import { filter, firstValueFrom, map, take, toArray } from 'rxjs';
import type { TestApp } from './nest-app.js';

/** The next connection that opens; ask before the request is sent. */
export async function nextOpen(app: TestApp): Promise<HubConnection> {
  const [connection] = (await nextOpens(app, 1)) as [HubConnection];
  return connection;
}

/** The next connections that open, in that order. */
export function nextOpens(app: TestApp, count: number): Promise<HubConnection[]> {
  return firstValueFrom(
    app.app.get(Hub).lifecycle$.pipe(
      filter(({ kind }) => kind === 'open'),
      map(({ connection }) => connection),
      take(count),
      toArray(),
    ),
  );
}

/** Why the next connection that closes does so; ask before it happens. */
export function nextClose(app: TestApp): Promise<CloseReason> {
  return firstValueFrom(
    app.channels.lifecycle$.pipe(
      filter((event): event is Extract<LifecycleEvent, { kind: 'close' }> => event.kind === 'close'),
      map(({ reason }) => reason),
    ),
  );
}
