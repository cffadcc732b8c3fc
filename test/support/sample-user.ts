import { DEMO_PASSWORD } from '../../apps/notifications/src/spec-support/sample-template.js';

/** A notification, as far as specs look at it. */
export interface Sent {
  readonly id: number;
  readonly recipient: string;
  readonly title: string;
  readonly sender: string;
  readonly via?: string;
}

export interface Page {
  readonly items: readonly (Sent & { readonly read: boolean })[];
  readonly next: number | null;
  readonly inboxes: Readonly<Record<'own' | 'everybody', { readonly total: number; readonly read: number }>>;
}

/** A signed-in user of the sample, over HTTP. */
export class SampleUser {
  private constructor(
    private readonly url: string,
    readonly cookie: string,
  ) {}

  static async signIn(url: string, userId: string, password = DEMO_PASSWORD): Promise<SampleUser> {
    const response = await new SampleUser(url, '').post('/session', { userId, password });
    if (!response.ok) {
      throw new Error(`${userId} can't sign in: ${response.status} ${await response.text()}`);
    }
    const cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    return new SampleUser(url, cookie);
  }

  /** Has no session. */
  static nobody(url: string): SampleUser {
    return new SampleUser(url, '');
  }

  /** The same session, at another node or after a restart. */
  at(url: string): SampleUser {
    return new SampleUser(url, this.cookie);
  }

  get(path: string): Promise<Response> {
    return fetch(this.url + path, { headers: { cookie: this.cookie } });
  }

  delete(path: string): Promise<Response> {
    return fetch(this.url + path, { method: 'DELETE', headers: { cookie: this.cookie } });
  }

  post(path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: this.cookie, ...headers },
      body: JSON.stringify(body),
    });
  }

  /** A file to import. */
  upload(csv: string | Uint8Array<ArrayBuffer>, fileName = 'some.csv'): Promise<Response> {
    return fetch(`${this.url}/imports?fileName=${encodeURIComponent(fileName)}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', cookie: this.cookie },
      body: csv,
    });
  }

  /** An info with this title. */
  tell(recipient: string, title: string): Promise<Response> {
    return this.post('/notifications', { recipient, title, level: 'info' });
  }

  async inbox(query = ''): Promise<Page> {
    return (await (await this.get(`/notifications${query}`)).json()) as Page;
  }
}
