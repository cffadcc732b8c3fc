import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** WCAG 2.2, A and AA, and what axe-core recommends beyond them. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core has against the page as it is now: a line for each element, none where there is nothing. */
export async function violations(page: Page): Promise<string[]> {
  // The Content-Security-Policy holds for what the page loads, not for what a debugger evaluates.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async (values): Promise<AxeResults['violations']> => {
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    return (await inPage.run({ runOnly: { type: 'tag', values } })).violations;
  }, RULES);
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}
