import type { Page } from 'playwright-core';

const INTERACTIVE = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';

export interface KeyboardTour {
  /** What can be used with a pointer, and not be reached with the Tab key. */
  readonly unreachable: readonly string[];
  /** What is reached, and doesn't show that it has the focus. */
  readonly unmarked: readonly string[];
}

/** Goes through the page with the Tab key, from its beginning until it leaves it. */
export async function tour(page: Page): Promise<KeyboardTour> {
  await page.evaluate((selector) => {
    // Tab goes on from what was used last, whatever has the focus.
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
    for (const element of document.querySelectorAll<HTMLInputElement>(selector)) {
      // Of a group of radio buttons Tab reaches the chosen one, and arrow keys the others.
      const byTab = element.type !== 'radio' || element.checked;
      if (element.checkVisibility() && element.tabIndex >= 0 && !element.disabled && byTab) {
        element.dataset['tour'] = 'expected';
      }
    }
  }, INTERACTIVE);
  const unmarked: string[] = [];
  for (let next = await step(page); next !== undefined; next = await step(page)) {
    if (next !== '') {
      unmarked.push(next);
    }
  }
  const unreachable = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-tour="expected"]')].map((element) => element.outerHTML),
  );
  return { unreachable, unmarked };
}

/** @returns the element that shows no focus; empty where it does; `undefined` at the page's end */
async function step(page: Page): Promise<string | undefined> {
  await page.keyboard.press('Tab');
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (!element || element === document.body || element.dataset['tour'] === 'reached') {
      return undefined;
    }
    element.dataset['tour'] = 'reached';
    // A control that is hidden behind its label leaves it to what stands for it there.
    const outlined = [element, element.closest('label'), element.nextElementSibling].some((part) => {
      const style = part && getComputedStyle(part);
      return style && style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2;
    });
    return outlined ? '' : element.outerHTML;
  });
}
