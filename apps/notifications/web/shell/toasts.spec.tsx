/** @jest-environment ./libs/client/src/spec-support/browser-environment.js */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';

import { ToastProvider, useToast } from './toasts.js';

const LIFETIME_MS = 6_000;

function Sender() {
  const toast = useToast();
  const send = (title: string): void => toast({ level: 'info', title });
  return ['One', 'Two', 'Three', 'Four'].map((title) => (
    <button key={title} onClick={() => send(title)}>
      {`Send ${title}`}
    </button>
  ));
}

const send = (title: string): void => void fireEvent.click(screen.getByText(`Send ${title}`));
const pass = (milliseconds: number): void => act(() => jest.advanceTimersByTime(milliseconds));

beforeEach(() => {
  jest.useFakeTimers();
  render(
    <ToastProvider>
      <Sender />
    </ToastProvider>,
  );
});
afterEach(() => {
  cleanup();
  jest.useRealTimers();
});

describe('toasts', () => {
  it('are written into a region that was there before, and go by themselves', () => {
    const region = screen.getByRole('log', { name: 'Messages' });
    send('One');
    expect(region.textContent).toBe('One');
    pass(LIFETIME_MS - 1);
    expect(region.textContent).toBe('One');
    pass(1);
    expect(region.textContent).toBe('');
  });

  it('wait while someone points at them', () => {
    send('One');
    const toast = screen.getByText('One');
    fireEvent.pointerEnter(toast);
    pass(10 * LIFETIME_MS);
    expect(screen.queryByText('One')).not.toBeNull();
    fireEvent.pointerLeave(toast);
    pass(LIFETIME_MS);
    expect(screen.queryByText('One')).toBeNull();
  });

  it('are three at most, the latest, and can be closed', () => {
    ['One', 'Two', 'Three', 'Four'].forEach(send);
    const region = screen.getByRole('log');
    expect(region.textContent).toBe('TwoThreeFour');
    fireEvent.click(screen.getAllByRole('button', { name: 'Close' })[1] as HTMLElement);
    expect(region.textContent).toBe('TwoFour');
  });
});
