import type { AddressInfo } from 'node:net';

import { createApp } from '@nestcast/notifications';

/** The sample application, listening. */
export interface SampleApp {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts it on the port, or on a free one. */
export async function startSample(port = 0): Promise<SampleApp> {
  const app = await createApp({ logger: false });
  await app.listen(port, '127.0.0.1');
  const address = app.getHttpServer().address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, close: () => app.close() };
}

/** What a signed-in user can do over HTTP. */
export interface SampleUser {
  readonly cookie: string;
  signOutEverywhere(): Promise<Response>;
  send(draft: object): Promise<Response>;
  recent(): Promise<Sent[]>;
}

export interface Sent {
  readonly id: string;
  readonly userId: string;
  readonly title: string;
  readonly from: string;
}

export async function signIn(url: string, userId: string): Promise<SampleUser> {
  const response = await post(`${url}/session`, { userId });
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return {
    cookie,
    signOutEverywhere: () => fetch(`${url}/session/everywhere`, { method: 'DELETE', headers: { cookie } }),
    send: (draft) => post(`${url}/notifications`, draft, cookie),
    recent: async () => {
      const answer = await fetch(`${url}/notifications`, { headers: { cookie } });
      return (await answer.json()) as Sent[];
    },
  };
}

function post(url: string, body: object, cookie = ''): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  });
}
