import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';

import './buttons.css';

export interface SegmentedProps<Value extends string> {
  /** Read out, not shown. */
  readonly legend: string;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly icon?: LucideIcon }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** One of a few, side by side; radio buttons to the keyboard. */
export function Segmented<Value extends string>({ legend, options, value, onChange }: SegmentedProps<Value>) {
  const name = useId();
  return (
    <fieldset>
      <legend className="sr-only">{legend}</legend>
      <div className="segments">
        {options.map(({ value: option, label, icon: Icon }) => (
          <label className="segment" key={option}>
            <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
            <span>
              {Icon && <Icon size={14} aria-hidden />}
              {label}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
