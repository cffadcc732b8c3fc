import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { chromium, type Browser } from 'playwright-core';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

// Chromium's sandbox doesn't run as root, and its background traffic has no business in a test.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** A headless Chromium: the one on PATH, or on Debian, for root, a freshly installed one. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = (await findChromium()) ?? (await installChromium());
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

async function findChromium(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = await Promise.all(candidates.map((path) => isThere(path, constants.X_OK)));
  return candidates.find((_path, index) => found[index]);
}

async function installChromium(): Promise<string> {
  const root = process.getuid?.() === 0;
  if (root && (await isThere('/etc/debian_version', constants.R_OK))) {
    await run('apt-get', ['update']);
    await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    const installed = await findChromium();
    if (installed !== undefined) {
      return installed;
    }
  }
  throw new Error(
    `The page's tests need Chromium or Chrome on PATH (one of ${NAMES.join(', ')}). ` +
      'Install it, on Debian with "sudo apt-get install chromium".',
  );
}

function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
