import type { ConnectionLabels } from '@nestcast/hub';
import { isbot } from 'isbot';

/** What clients are told apart by in metrics, whatever they call themselves. */
export type UserAgentClass = 'bot' | 'chrome' | 'curl' | 'edge' | 'firefox' | 'node' | 'other' | 'safari';

export const USER_AGENT = 'user_agent.class';

/** No real one says who it is any later; characters. */
const MAX_LENGTH = 512;

/** The first that matches. Tools come before bots, which isbot takes them for. */
const TOOLS: readonly (readonly [RegExp, UserAgentClass])[] = [
  [/^curl\//, 'curl'],
  [/^node(?:$|[\s/])|^(?:undici|node-fetch|axios)\b/i, 'node'],
];
/** Every browser says that it is some of those further down. */
const BROWSERS: readonly (readonly [token: string, UserAgentClass])[] = [
  [' Edg', 'edge'],
  [' Firefox/', 'firefox'],
  [' FxiOS/', 'firefox'],
  [' Chrome/', 'chrome'],
  [' CriOS/', 'chrome'],
  [' Safari/', 'safari'],
];

export function userAgentClass(header: string | undefined): UserAgentClass {
  const userAgent = header?.slice(0, MAX_LENGTH) ?? '';
  const tool = TOOLS.find(([pattern]) => pattern.test(userAgent));
  if (tool) {
    return tool[1];
  }
  if (isbot(userAgent)) {
    return 'bot';
  }
  return BROWSERS.find(([token]) => userAgent.includes(token))?.[1] ?? 'other';
}

const labels = new Map<UserAgentClass, ConnectionLabels>();

/** One object for all connections of a class. */
export function userAgentLabels(header: string | undefined): ConnectionLabels {
  const known = userAgentClass(header);
  let label = labels.get(known);
  if (!label) {
    label = { [USER_AGENT]: known };
    labels.set(known, label);
  }
  return label;
}
