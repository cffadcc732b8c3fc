import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, systemBinary } from '@nestcast/test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { GuideServer } from './support/guide-server.js';
import { Guide } from './support/guide.js';
import { LinkedApp } from './support/linked-app.js';
import { Terminal } from './support/terminal.js';

const BUILD_TIMEOUT = 120_000;
const RESTART_TIMEOUT = 30_000;
const PER_USER = 3;
/** The commands of "See it on the wire". */
const WATCH = 0;
const SEND = 1;
const HEALTH = 2;

/** docs/guide.md, done as it says. */
describe('the guide', () => {
  let guide: Guide;
  let scratch: string;
  let app: LinkedApp;
  let server: GuideServer;
  let browser: Browser;
  const terminals: Terminal[] = [];

  beforeAll(async () => {
    [guide, scratch, browser] = await Promise.all([
      Guide.read(),
      mkdtemp(join(tmpdir(), 'nestcast-guide-')),
      launchChromium(),
      systemBinary({ names: ['curl'], package: 'curl' }),
    ]);
    app = await LinkedApp.create(scratch, guide.files);
    const [build] = guide.section('Start it').commands[0]?.split('\n') ?? [];
    await app.run(build ?? '');
    server = await GuideServer.start(app, await freePort());
  }, BUILD_TIMEOUT);

  afterEach(async () => {
    await Promise.all(terminals.splice(0).map((terminal) => terminal.interrupt()));
  });

  afterAll(async () => {
    await Promise.all([browser.close(), server.kill()]);
    await rm(scratch, { recursive: true, force: true });
  }, BUILD_TIMEOUT);

  /** The commands of a section, for the port that the server has here. */
  const typed = (section: string): string[] =>
    guide
      .section(section)
      .commands.map((line) => line.replaceAll('localhost:3000', `localhost:${server.port}`));

  const open = (line: string): Terminal => {
    const terminal = new Terminal(line);
    terminals.push(terminal);
    return terminal;
  };

  /** A stream that is there. */
  const watch = async (user: string): Promise<Terminal> => {
    const stream = open((typed('See it on the wire')[WATCH] ?? '').replace('user=ada', `user=${user}`));
    await stream.shows('sse:connected');
    return stream;
  };

  const send = (title: string, to: string): Promise<string> => {
    const line = typed('See it on the wire')[SEND] ?? '';
    return open(line.replace('Tea is ready', title).replace('"to": "ada"', `"to": "${to}"`)).end();
  };

  /** Signed in, with a page that has its list. */
  const signIn = async (user: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(server.url);
    await page.getByText('Who are you?').waitFor();
    await page.getByLabel('I am').fill(user);
    await page.getByRole('button').click();
    await page.getByText('Connected.').waitFor();
    return page;
  };

  it('gives each user only what is theirs', async () => {
    const [ada, grace] = await Promise.all([watch('ada'), watch('grace')]);
    expect(await send('Tea is ready', 'ada')).toContain('"title":"Tea is ready"');
    await ada.shows('Tea is ready');
    await send('For you alone', 'grace');
    await grace.shows('For you alone');
    await send('The last', 'ada');
    await ada.shows('The last');
    expect(grace.output).not.toContain('Tea is ready');
    expect(ada.output).not.toContain('For you alone');
    const [shown = ''] = guide.section('See it on the wire').outputs;
    expect(withoutNames(ada.output)).toContain(withoutNames(shown));
    const stranger = await fetch(`${server.url}/notifications/stream`);
    expect(stranger.status).toBe(401);
  });

  it(
    'tells what was missed after a cut, and that there is a gap after a restart',
    async () => {
      const cut = await watch('ada');
      await send('Tea is ready', 'ada');
      await cut.shows('Tea is ready');
      const seen = await cut.interrupt();
      await send('Tea is cold', 'ada');
      const back = typed('After a cut')[0]?.replace('mwozq3rh165wwb9.1', lastIdOf(seen)) ?? '';
      const [shown = '', gap = ''] = guide.section('After a cut').outputs;
      const resumed = open(back);
      await resumed.shows('Tea is cold');
      expect(withoutNames(await resumed.interrupt())).toBe(withoutNames(shown));

      await server.kill();
      server = await GuideServer.start(app, server.port);
      const restarted = open(back);
      await restarted.shows('sse:gap');
      expect(withoutNames(restarted.output)).toContain(withoutNames(gap));
    },
    RESTART_TIMEOUT,
  );

  it('refuses a fourth stream', async () => {
    // Streams of those before may just be ending.
    const user = 'linus';
    await Promise.all(Array.from({ length: PER_USER }, () => watch(user)));
    const [line = ''] = typed('One stream too many');
    const refusal = await open(line.replace('user=ada', `user=${user}`)).end();
    const [shown = ''] = guide.section('One stream too many').outputs;
    expect(refusal.replaceAll('\r', '')).toContain(shown);
  });

  it('says that the node is ready', async () => {
    const answer = JSON.parse(await open(typed('See it on the wire')[HEALTH] ?? '').end()) as object;
    expect(answer).toMatchObject({ status: 'ok', info: { sse: { status: 'up' } } });
  });

  it(
    'says goodbye when it is stopped',
    async () => {
      const stream = await watch('ada');
      server.signal('SIGINT');
      expect(await server.ended).toBe('SIGINT');
      expect(await stream.end()).toContain('"reason":"drain"');
      server = await GuideServer.start(app, server.port);
    },
    RESTART_TIMEOUT,
  );

  it(
    'shows each user theirs on a page, also what came while the server was away',
    async () => {
      const [barbara, margaret] = await Promise.all([signIn('barbara'), signIn('margaret')]);
      const plain = await barbara.context().newPage();
      await plain.goto(`${server.url}/plain.html`);
      await send('Tea is ready', 'barbara');
      await Promise.all([barbara, plain].map((page) => page.getByText('Tea is ready').waitFor()));

      await server.kill();
      const missed = { id: 'by another node', to: 'barbara', from: 'tim', title: 'Back again' };
      await appendFile(join(scratch, 'notifications.jsonl'), `${JSON.stringify(missed)}\n`);
      server = await GuideServer.start(app, server.port);
      await send('For you alone', 'margaret');
      await Promise.all([barbara, plain].map((page) => page.getByText('Back again').waitFor()));
      await margaret.getByText('For you alone').waitFor();
      expect(await barbara.locator('li').allTextContents()).toEqual([
        'Back again (tim)',
        'Tea is ready (grace)',
      ]);
      expect(await plain.locator('li').allTextContents()).toEqual(['Back again', 'Tea is ready']);
      expect(await margaret.locator('li').allTextContents()).toEqual(['For you alone (grace)']);
    },
    RESTART_TIMEOUT,
  );
});

/** What is another in each run: identifiers, and moments to come back. */
function withoutNames(output: string): string {
  return output
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\b[0-9a-z]{12,}\.\d+/g, 'ID')
    .replaceAll(/^retry: \d+$/gm, 'retry: MS');
}

function lastIdOf(output: string): string {
  return output.match(/(?<=^id: ).+$/gm)?.at(-1) ?? '';
}
