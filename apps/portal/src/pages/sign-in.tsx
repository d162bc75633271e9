import type { firstFactorRequest, redirectData } from '@portcullis/contracts-portal-api';
import { type SubmitEvent, useRef } from 'react';
import type { z } from 'zod';
import { ask } from '../api.js';
import { Field } from '../field.js';
import { formText } from '../form-text.js';
import { Page } from '../frame.js';
import { PasswordField } from '../password-field.js';
import { asked, at } from '../portal-data.js';
import { usePortal } from '../portal.js';
import { PrivacyConsent, rememberConsent } from '../privacy-consent.js';
import { Problem } from '../problem.js';
import { SubmitButton } from '../submit-button.js';
import { useTexts } from '../texts.js';
import { useSubmit } from '../use-submit.js';

/** The first page of most people: user name and password. */
export function SignIn() {
  const { data, expired, goOn } = usePortal();
  const { t } = useTexts();
  const form = useRef<HTMLFormElement>(null);
  const { busy, problem, fail, submit } = useSubmit<z.output<typeof redirectData>>(async (outcome) => {
    if (outcome.kind === 'refused') {
      const password = form.current?.elements.namedItem('password');
      if (password instanceof HTMLInputElement) {
        password.focus();
        password.select();
      }
      return { text: outcome.status === 401 ? 'sign_in.refused' : 'problem.unexpected' };
    }
    await goOn(outcome.data);
    return null;
  });
  const signIn = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const filled = new FormData(event.currentTarget);
    const [username, password] = [formText(filled, 'username'), formText(filled, 'password')];
    if (username === '' || password === '') {
      fail({ text: 'sign_in.missing' });
      return;
    }
    rememberConsent(data);
    const { rd: targetURL, rm: requestMethod } = asked();
    const body: z.output<typeof firstFactorRequest> = { username, password, keepMeLoggedIn: filled.has('remember'), targetURL, requestMethod };
    submit(() => ask('POST', '/api/firstfactor', body));
  };
  const name = data.state.username;
  return (
    <Page title={t('sign_in.title')} focusesField>
      {expired ? (
        <p className="notice" role="status">
          {t('sign_in.expired')}
        </p>
      ) : (
        data.continue_to !== null && <p>{t('sign_in.continue_to', { host: data.continue_to })}</p>
      )}
      <Problem problem={problem} />
      <form ref={form} method="post" action={at('/sign-in')} onSubmit={signIn}>
        <Field
          label={t('sign_in.username')}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus={name === ''}
          defaultValue={name}
        />
        <PasswordField label={t('sign_in.password')} name="password" autoComplete="current-password" required autoFocus={name !== ''} />
        {data.remember_me && (
          <label className="check">
            <input type="checkbox" name="remember" />
            <span>{t('sign_in.remember')}</span>
          </label>
        )}
        <PrivacyConsent />
        <SubmitButton busy={busy}>{t('sign_in.submit')}</SubmitButton>
      </form>
      <Forgotten />
    </Page>
  );
}

function Forgotten() {
  const { data } = usePortal();
  const { t } = useTexts();
  if (data.reset_url === null && data.reset_disabled) return null;
  return (
    <p className="aside">
      <a href={data.reset_url ?? at('/reset-password/step1')}>{t('sign_in.forgot')}</a>
    </p>
  );
}
