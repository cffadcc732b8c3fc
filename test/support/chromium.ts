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
