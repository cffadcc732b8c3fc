import { CircleAlert } from 'lucide-react';
import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';

import './fields.css';

export interface FieldProps {
  readonly label: string;
  /** What to know before it is filled in. */
  readonly hint?: ReactNode;
  /** What is wrong with it. */
  readonly error?: string;
}

/** What joins a control to its label, hint and error. */
export interface ControlProps {
  readonly id: string;
  readonly className: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

/** A label, a control, and what there is to say about it. For controls other than the three below. */
export function Field({
  label,
  hint,
  error,
  children,
}: FieldProps & { readonly children: (control: ControlProps) => ReactNode }) {
  const id = useId();
  const hintId = hint ? `${id}-hint` : undefined;
  const errorId = error ? `${id}-error` : undefined;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        className: 'control',
        'aria-describedby': [errorId, hintId].filter(Boolean).join(' ') || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {error && (
        <p className="field-error" id={errorId}>
          <CircleAlert size={14} aria-hidden />
          {error}
        </p>
      )}
      {hint && (
        <p className="field-hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

type Native<Attributes> = FieldProps & Omit<Attributes, keyof ControlProps>;

export function TextField({ label, hint, error, ...rest }: Native<InputHTMLAttributes<HTMLInputElement>>) {
  return <Field {...{ label, hint, error }}>{(control) => <input {...rest} {...control} />}</Field>;
}

export function TextArea({
  label,
  hint,
  error,
  ...rest
}: Native<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  return <Field {...{ label, hint, error }}>{(control) => <textarea {...rest} {...control} />}</Field>;
}

/** Its options are its children. */
export function Select({ label, hint, error, ...rest }: Native<SelectHTMLAttributes<HTMLSelectElement>>) {
  return <Field {...{ label, hint, error }}>{(control) => <select {...rest} {...control} />}</Field>;
}
