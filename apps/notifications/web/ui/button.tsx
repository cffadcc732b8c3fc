import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, MouseEvent } from 'react';

import './buttons.css';
import { Spinner } from './spinner.js';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Default `secondary`. */
  readonly variant?: 'primary' | 'secondary' | 'quiet' | 'danger';
  /** Default `medium`. */
  readonly size?: 'small' | 'medium';
  readonly icon?: LucideIcon;
  /** What it has begun isn't done yet: it keeps the focus, and does nothing meanwhile. Default false. */
  readonly busy?: boolean;
  /** As wide as what it stands in; default false. */
  readonly wide?: boolean;
}

/** A button; `type` is `button` unless another is given. */
export function Button({
  variant = 'secondary',
  size = 'medium',
  icon: Icon,
  busy = false,
  wide = false,
  className,
  onClick,
  children,
  type = 'button',
  ...rest
}: ButtonProps) {
  const classes = ['button', `button-${variant}`, `button-${size}`, wide && 'button-wide', className];
  const click = (event: MouseEvent<HTMLButtonElement>): void => {
    if (busy) {
      // Of a form, too: nothing is sent twice.
      event.preventDefault();
    } else {
      onClick?.(event);
    }
  };
  return (
    <button
      {...rest}
      // oxlint-disable-next-line react/button-has-type -- it has one by default
      type={type}
      className={classes.filter(Boolean).join(' ')}
      onClick={click}
      {...(busy && { 'aria-disabled': true, 'aria-busy': true })}
    >
      {busy ? <Spinner /> : Icon && <Icon size={16} aria-hidden />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, 'icon' | 'children' | 'aria-label'> {
  readonly icon: LucideIcon;
  /** What it does, for those who can't see the icon, and as a hint for those who can. */
  readonly label: string;
}

export function IconButton({ label, variant = 'quiet', className = '', ...rest }: IconButtonProps) {
  return (
    <Button
      {...rest}
      variant={variant}
      className={`button-icon ${className}`}
      aria-label={label}
      title={label}
    />
  );
}
