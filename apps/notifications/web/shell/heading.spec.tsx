/** @jest-environment ./libs/client/src/spec-support/browser-environment.js */
import { afterEach, expect, it } from '@jest/globals';
import { cleanup, render, screen } from '@testing-library/react';
import { StrictMode } from 'react';

import { HeadingProvider } from './heading.js';
import { Page } from './page.js';

const showing = (title: string) => (
  <StrictMode>
    <HeadingProvider>
      <Page key={title} title={title}>
        text
      </Page>
    </HeadingProvider>
  </StrictMode>
);

afterEach(cleanup);

it('moves the focus to the heading of each page but the one that was loaded', () => {
  const view = render(showing('Inbox'));
  expect(document.activeElement).toBe(document.body);
  view.rerender(showing('Import'));
  expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Import' }));
  expect(document.title).toBe('Import · Nestcast');
  view.rerender(showing('Inbox'));
  expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Inbox' }));
});
