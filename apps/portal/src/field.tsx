import { type ComponentProps, type ReactNode, useId } from 'react';

interface FieldProps extends ComponentProps<'input'> {
  readonly label: string;
  /** Said with the field, below it. */
  readonly hint?: ReactNode;
  /** Stands inside the field, at its end: a button. */
  readonly end?: ReactNode;
}

/** A field with its label. */
export function Field({ label, hint, end, ...input }: FieldProps) {
  const id = useId();
  const hasHint = hint !== undefined && hint !== null && hint !== false;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className={end === undefined ? 'box' : 'box has-end'}>
        <input id={id} {...(hasHint ? { 'aria-describedby': `${id}-hint` } : {})} {...input} />
        {end}
      </div>
      {hasHint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
