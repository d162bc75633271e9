import { type RefObject, useRef, useState } from 'react';
import { CodeField } from './code-field.js';
import { Problem } from './problem.js';
import { SubmitButton } from './submit-button.js';
import { useTexts } from './texts.js';
import type { Problem as Told } from './use-submit.js';

/** What stands in the boxes of a CodeForm. */
export interface TypedCode {
  readonly code: string;
  readonly setCode: (code: string) => void;
  readonly field: RefObject<HTMLInputElement | null>;
  /** It was used, or was wrong: the next is typed into empty boxes. */
  readonly clear: () => void;
}

export function useCode(): TypedCode {
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const clear = (): void => {
    setCode('');
    field.current?.focus();
  };
  return { code, setCode, field, clear };
}

interface CodeFormProps {
  readonly typed: TypedCode;
  readonly digits: number;
  /** Default: what is asked for as the second factor. */
  readonly label?: string;
  /** What the button says. */
  readonly action?: string;
  readonly busy: boolean;
  readonly problem: Told | null;
  readonly autoFocus?: boolean;
  readonly onSend: (code: string) => void;
}

/** Asks for the code that an authenticator app shows, and sends it when its last digit is there. */
export function CodeForm({ typed: { code, setCode, field }, digits, label, action, busy, problem, autoFocus = false, onSend }: CodeFormProps) {
  const { t } = useTexts();
  return (
    <>
      <Problem problem={problem} />
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          onSend(code);
        }}
      >
        <CodeField
          ref={field}
          label={label ?? t('second_factor.code')}
          name="code"
          digits={digits}
          value={code}
          autoFocus={autoFocus}
          readOnly={busy}
          onCode={(typed) => {
            setCode(typed);
            if (typed.length === digits) onSend(typed);
          }}
        />
        <SubmitButton busy={busy}>{action ?? t('continue')}</SubmitButton>
      </form>
    </>
  );
}
