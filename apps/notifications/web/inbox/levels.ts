import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from 'lucide-react';

import type { Level } from '../../src/notifications/notification.js';

export const levelNames: Readonly<Record<Level, string>> = {
  info: 'Info',
  success: 'Success',
  warning: 'Warning',
  error: 'Error',
};

/** To choose from. */
export const levels: readonly { readonly value: Level; readonly label: string }[] = [
  { value: 'info', label: levelNames.info },
  { value: 'success', label: levelNames.success },
  { value: 'warning', label: levelNames.warning },
  { value: 'error', label: levelNames.error },
];

export const levelIcons: Readonly<Record<Level, LucideIcon>> = {
  info: Info,
  success: CircleCheck,
  warning: TriangleAlert,
  error: CircleAlert,
};
