import { describe, expect, it } from '@jest/globals';
import { userAgentClass, userAgentLabels } from './user-agent-class.js';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

describe('userAgentClass', () => {
  it.each([
    ['chrome', `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`],
    [
      'chrome',
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) ${WEBKIT} CriOS/140.0 Mobile/15E148 Safari/604.1`,
    ],
    [
      'edge',
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
    ],
    ['firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
    [
      'safari',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
    ],
    ['node', 'node'],
    ['node', 'undici'],
    ['curl', 'curl/8.5.0'],
    [
      'bot',
      `Mozilla/5.0 ${WEBKIT} (compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/140.0.0.0 Safari/537.36`,
    ],
    ['other', ''],
    ['other', undefined],
  ])('%s: %s', (expected, header) => {
    expect(userAgentClass(header)).toBe(expected);
  });

  it('looks no further than a real one is long', () => {
    expect(userAgentClass(`${'Mozilla/5.0 '.repeat(50)} Firefox/140.0`)).not.toBe('firefox');
  });

  it('has one object for all of a class, and few of them', () => {
    const headers = Array.from(
      { length: 10_000 },
      (_, index) => `${'curl/ '.repeat(index % 7)}${Math.random()}`,
    );
    expect(new Set(headers.map((header) => userAgentLabels(header))).size).toBeLessThan(8);
  });
});
