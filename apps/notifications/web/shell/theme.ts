/** What the pages look like: as the system has it, or as chosen. */
export type Theme = 'system' | 'light' | 'dark';

/** static/theme.js reads it too. */
const KEY = 'theme';
const listeners = new Set<() => void>();

export function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** Shows it, and keeps it for this browser. */
export function chooseTheme(theme: Theme): void {
  show(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is blocked: it lasts as long as the page.
  }
}

/** Calls back when it is another, also when another tab has chosen; returns what takes it back. */
export function subscribeTheme(listener: () => void): () => void {
  if (listeners.size === 0) {
    window.addEventListener('storage', chosenElsewhere);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      window.removeEventListener('storage', chosenElsewhere);
    }
  };
}

function chosenElsewhere({ key, newValue }: StorageEvent): void {
  if (key === KEY) {
    show(newValue === 'light' || newValue === 'dark' ? newValue : 'system');
  }
}

function show(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') {
    delete dataset['theme'];
  } else {
    dataset['theme'] = theme;
  }
  listeners.forEach((listener) => listener());
}
