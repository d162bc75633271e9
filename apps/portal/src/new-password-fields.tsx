import type { passwordPolicyData } from '@portcullis/contracts-portal-api';
import { checkPassword, type PasswordFailure, type ScoreOf } from '@portcullis/domain-passwords';
import type { TextKey } from '@portcullis/domain-portal-texts';
import { useEffect, useId, useState } from 'react';
import type { z } from 'zod';
import { formText } from './form-text.js';
import { PasswordField } from './password-field.js';
import { useTexts } from './texts.js';
import { useRead } from './use-read.js';

type Policy = z.output<typeof passwordPolicyData>;

/** The new password of a form with NewPasswordFields; null where the two differ. */
export function newPasswordOf(form: HTMLFormElement): string | null {
  const password = formText(form, 'password');
  return password === formText(form, 'again') ? password : null;
}

/** A new password twice; the rules tick off and the strength shows while it is typed. Whether it will do is for the server to say. */
export function NewPasswordFields({ autoFocus = true }: { readonly autoFocus?: boolean }) {
  const { t } = useTexts();
  const policy = useRead<Policy>('/api/configuration/password-policy');
  const [password, setPassword] = useState('');
  const known = policy?.kind === 'ok' ? policy.data : undefined;
  return (
    <>
      <PasswordField
        label={t('reset.password')}
        name="password"
        autoComplete="new-password"
        required
        autoFocus={autoFocus}
        onInput={({ currentTarget }) => {
          setPassword(currentTarget.value);
        }}
      />
      {known !== undefined && <Rules policy={known} password={password} />}
      <Strength password={password} needed={known?.mode === 'zxcvbn' ? known.min_score : 0} />
      <PasswordField label={t('reset.again')} name="again" autoComplete="new-password" required />
    </>
  );
}

function Rules({ policy, password }: { readonly policy: Policy; readonly password: string }) {
  const { t } = useTexts();
  if (policy.mode !== 'standard') return null;
  const failed = failuresOf(policy, password);
  const all: readonly (readonly [asked: boolean, failure: PasswordFailure, text: string])[] = [
    [policy.min_length > 0, 'too_short', t('policy.min', { count: policy.min_length })],
    [policy.max_length > 0, 'too_long', t('policy.max', { count: policy.max_length })],
    [policy.require_uppercase, 'no_uppercase', t('policy.uppercase')],
    [policy.require_lowercase, 'no_lowercase', t('policy.lowercase')],
    [policy.require_number, 'no_number', t('policy.number')],
    [policy.require_special, 'no_special', t('policy.special')],
  ];
  return (
    <>
      <p className="hint">{t('policy.title')}</p>
      <ul className="rules" aria-live="polite">
        {all
          .filter(([isAsked]) => isAsked)
          .map(([, failure, text]) => {
            const isMet = password !== '' && !failed.includes(failure);
            return (
              <li key={failure} className={isMet ? 'met' : undefined}>
                {text} <span className="unseen">({t(isMet ? 'policy.met' : 'policy.unmet')})</span>
              </li>
            );
          })}
      </ul>
    </>
  );
}

function failuresOf(policy: Policy, password: string): readonly PasswordFailure[] {
  const verdict = checkPassword(
    {
      kind: 'standard',
      minLength: policy.min_length,
      maxLength: policy.max_length,
      requireUppercase: policy.require_uppercase,
      requireLowercase: policy.require_lowercase,
      requireNumber: policy.require_number,
      requireSpecial: policy.require_special,
    },
    password,
  );
  return verdict.ok ? [] : verdict.failed;
}

const WORDS: readonly TextKey[] = ['strength.0', 'strength.1', 'strength.2', 'strength.3', 'strength.4'];

/** How hard it is to guess; the dictionaries are large and come when somebody begins to type. */
function Strength({ password, needed }: { readonly password: string; readonly needed: number }) {
  const { t } = useTexts();
  const id = useId();
  const [scoreOf, setScoreOf] = useState<ScoreOf | null>(null);
  const isWanted = password !== '';
  useEffect(() => {
    if (!isWanted) return;
    let isThere = true;
    void import('./strength.js').then(async ({ loadScore }) => {
      const score = await loadScore();
      if (isThere) setScoreOf(() => score);
    });
    return () => {
      isThere = false;
    };
  }, [isWanted]);
  if (!isWanted || scoreOf === null) return null;
  const score = scoreOf(password);
  const wordOf = (points: number): string => t(WORDS[points] ?? 'strength.0');
  return (
    <div className="strength">
      <meter min={0} max={4} low={2} high={3} optimum={4} value={score} aria-labelledby={id} />
      <p className="hint" id={id} role="status">
        {t('strength.label')}: {wordOf(score)}
        {score < needed && `, ${t('strength.needed', { strength: wordOf(needed) })}`}
      </p>
    </div>
  );
}
