import { type ComponentProps, useId, useState } from 'react';

interface CodeFieldProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  readonly label: string;
  readonly digits: number;
  readonly value: string;
  readonly onCode: (code: string) => void;
}

/** Digits as anybody writes them: `123 456` pasted, full-width ones of a Japanese keyboard. */
const digitsOf = (typed: string, count: number): string => typed.normalize('NFKC').replaceAll(/\D/g, '').slice(0, count);

/** A box a digit to the eye; underneath one field, which screen readers, paste and autofill know. */
export function CodeField({ label, digits, value, onCode, ...input }: CodeFieldProps) {
  const id = useId();
  const [isFocused, setFocused] = useState(false);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="code">
        <input
          {...input}
          id={id}
          value={value}
          inputMode="numeric"
          autoComplete="one-time-code"
          spellCheck={false}
          required
          onChange={({ target }) => {
            onCode(digitsOf(target.value, digits));
          }}
          onSelect={({ currentTarget: field }) => {
            // The boxes show no cursor between digits: it is always at the end.
            if (field.selectionStart === field.selectionEnd) field.setSelectionRange(field.value.length, field.value.length);
          }}
          onFocus={() => {
            setFocused(true);
          }}
          onBlur={() => {
            setFocused(false);
          }}
        />
        <div className="digits" aria-hidden="true">
          {Array.from({ length: digits }, (_, place) => (
            <span key={place} className={isFocused && place === Math.min(value.length, digits - 1) ? 'next' : undefined}>
              {value[place]}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}
