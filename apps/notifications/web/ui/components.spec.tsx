/** @jest-environment ./libs/client/src/spec-support/browser-environment.js */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';

import { Button } from './button.js';
import { TextField } from './field.js';
import { ProgressBar } from './progress-bar.js';
import { Segmented } from './segmented.js';

afterEach(cleanup);

describe('<Button>', () => {
  it('sends no form twice while it is busy, and stays where it is', () => {
    const submit = jest.fn((event: { preventDefault(): void }) => event.preventDefault());
    const form = (busy: boolean) => (
      <form onSubmit={submit}>
        <Button type="submit" busy={busy}>
          Send
        </Button>
      </form>
    );
    const page = render(form(false));
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Send' });
    fireEvent.click(button);
    page.rerender(form(true));
    fireEvent.click(button);
    expect(submit).toHaveBeenCalledTimes(1);
    expect(button.disabled).toBe(false);
    expect(button.getAttribute('aria-disabled')).toBe('true');
  });
});

describe('<TextField>', () => {
  it('is described by what is wrong with it, and by its hint', () => {
    render(<TextField label="Name" hint="As others see it." error="Too long." />);
    const input = screen.getByLabelText('Name');
    const described = (input.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => document.querySelector(`[id="${id}"]`)?.textContent);
    expect(described).toEqual(['Too long.', 'As others see it.']);
    expect(input.getAttribute('aria-invalid')).toBe('true');
  });
});

describe('<ProgressBar>', () => {
  it.each([
    [0, '0'],
    [199, '99'],
    [200, '100'],
    [300, '100'],
    [undefined, null],
  ])('tells %s of 200 as %s percent', (value, percent) => {
    render(<ProgressBar label="Lines" value={value} max={200} />);
    expect(screen.getByRole('progressbar', { name: 'Lines' }).getAttribute('aria-valuenow')).toBe(percent);
  });
});

describe('<Segmented>', () => {
  it('is a group of radio buttons', () => {
    const onChange = jest.fn();
    const options = [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B' },
    ] as const;
    render(<Segmented legend="Letter" options={options} value="a" onChange={onChange} />);
    expect(screen.getByRole('group', { name: 'Letter' })).toBeTruthy();
    fireEvent.click(screen.getByRole('radio', { name: 'B' }));
    expect(onChange.mock.calls).toEqual([['b']]);
  });
});
