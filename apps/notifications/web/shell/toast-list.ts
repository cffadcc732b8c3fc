import type { Level } from '../../src/notifications/notification.js';

export interface Toast {
  readonly level: Level;
  readonly title: string;
  readonly detail?: string;
}

export interface ShownToast extends Toast {
  readonly id: number;
}

/** The latest last. */
export type ToastList = readonly ShownToast[];

export type ToastAction =
  { readonly type: 'add'; readonly toast: ShownToast } | { readonly type: 'close'; readonly id: number };

/** More would cover the page. */
const SHOWN = 3;

export function toastReducer(list: ToastList, action: ToastAction): ToastList {
  switch (action.type) {
    case 'add':
      return [...list, action.toast].slice(-SHOWN);
    case 'close':
      return list.filter(({ id }) => id !== action.id);
  }
}
