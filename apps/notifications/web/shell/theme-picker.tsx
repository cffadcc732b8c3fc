import { Monitor, Moon, Sun } from 'lucide-react';
import { useSyncExternalStore } from 'react';

import { Segmented } from '../ui/segmented.js';
import { type Theme, chooseTheme, currentTheme, subscribeTheme } from './theme.js';

const options = [
  { value: 'system', label: 'System', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
] as const;

export function ThemePicker() {
  const theme = useSyncExternalStore(subscribeTheme, currentTheme);
  return <Segmented<Theme> legend="Theme" options={options} value={theme} onChange={chooseTheme} />;
}
