import { afterAll, beforeAll } from '@jest/globals';
import { systemBinary } from '@nestcast/test-servers';
import { chromium, type Browser } from 'playwright-core';

const CHROMIUM = {
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  package: 'chromium',
};

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
  return chromium.launch({ executablePath: await systemBinary(CHROMIUM), args: ARGUMENTS });
}

/** Installing it may be part of it. */
const LAUNCH_TIMEOUT_MS = 300_000;

/**
 * Launches a headless Chromium before the first case of the spec, or of the `describe` that it is called in, and closes it after
 * the last.
 *
 * @returns gives the browser, once it is there
 */
export function useChromium(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchChromium();
  }, LAUNCH_TIMEOUT_MS);
  afterAll(() => browser?.close());
  return () => {
    if (!browser) {
      throw new Error('Chromium is there from the first hook of a case on.');
    }
    return browser;
  };
}
