import { type ComponentProps, type KeyboardEvent, useState } from 'react';
import { Field } from './field.js';
import { useTexts } from './texts.js';

/** A password that can be looked at; says when Caps Lock is on. */
export function PasswordField({ hint, ...input }: ComponentProps<typeof Field>) {
  const { t } = useTexts();
  const [isShown, setShown] = useState(false);
  const [isCaps, setCaps] = useState(false);
  const look = (event: KeyboardEvent): void => {
    setCaps(event.getModifierState('CapsLock'));
  };
  const button = (
    <button
      type="button"
      className="look"
      onClick={() => {
        setShown(!isShown);
      }}
    >
      <span className={isShown ? 'eye shut' : 'eye'} aria-hidden="true" />
      <span className="unseen">{t(isShown ? 'sign_in.hide_password' : 'sign_in.show_password')}</span>
    </button>
  );
  return (
    <>
      <Field
        {...input}
        type={isShown ? 'text' : 'password'}
        autoCapitalize="none"
        spellCheck={false}
        end={button}
        hint={hint}
        onKeyDown={look}
        onKeyUp={look}
        onBlur={() => {
          setCaps(false);
        }}
      />
      <p className="hint caps" role="status">
        {isCaps && t('sign_in.caps_lock')}
      </p>
    </>
  );
}
