import { MESSAGES, type resetFinishRequest, type resetPasswordRequest } from '@portcullis/contracts-portal-api';
import type { TextKey } from '@portcullis/domain-portal-texts';
import { useState } from 'react';
import { Link } from 'react-router';
import type { z } from 'zod';
import { ask } from '../api.js';
import { Field } from '../field.js';
import { formText } from '../form-text.js';
import { Page } from '../frame.js';
import { NewPasswordFields, newPasswordOf } from '../new-password-fields.js';
import { at } from '../portal-data.js';
import { Problem } from '../problem.js';
import { SubmitButton } from '../submit-button.js';
import { useTexts } from '../texts.js';
import { useSubmit } from '../use-submit.js';

const LINKS: Readonly<Record<string, TextKey>> = {
  [MESSAGES.linkUsed]: 'link.used',
  [MESSAGES.linkExpired]: 'link.expired',
  [MESSAGES.linkRevoked]: 'link.revoked',
};

type Step = 'link' | 'password' | 'done';

/** The link of the mail is used by a press of a button, for scanners of mail open links too; then a new password. */
export function ResetPassword() {
  const [step, setStep] = useState<Step>('link');
  switch (step) {
    case 'link':
      return (
        <UseLink
          onUsed={() => {
            setStep('password');
          }}
        />
      );
    case 'password':
      return (
        <ChoosePassword
          onSet={() => {
            setStep('done');
          }}
        />
      );
    case 'done':
      return <Changed />;
  }
}

function UseLink({ onUsed }: { readonly onUsed: () => void }) {
  const { t } = useTexts();
  const [token] = useState(() => new URLSearchParams(window.location.search).get('token') ?? '');
  const [isDead, setDead] = useState(false);
  const { busy, problem, submit } = useSubmit((outcome) => {
    if (outcome.kind === 'refused') {
      setDead(true);
      return { text: LINKS[outcome.message] ?? 'link.invalid' };
    }
    onUsed();
    return null;
  });
  return (
    <Page title={t('reset.title')}>
      {token !== '' && !isDead && <p>{t('reset.explain')}</p>}
      <Problem problem={problem} />
      {!(token !== '' && isDead) && (
        <form
          method="post"
          onSubmit={(event) => {
            event.preventDefault();
            const body: z.output<typeof resetFinishRequest> = { token: token === '' ? formText(event.currentTarget, 'token').trim() : token };
            submit(() => ask('POST', '/api/reset-password/identity/finish', body));
          }}
        >
          {token === '' && <Field label={t('reset.token')} name="token" autoComplete="off" spellCheck={false} required />}
          <SubmitButton busy={busy}>{t('continue')}</SubmitButton>
        </form>
      )}
      <p className="aside">
        <Link to="/reset-password/step1">{t('forgot.again')}</Link>
      </p>
    </Page>
  );
}

function ChoosePassword({ onSet }: { readonly onSet: () => void }) {
  const { t } = useTexts();
  const { busy, problem, fail, submit } = useSubmit((outcome) => {
    if (outcome.kind === 'refused') return { text: outcome.message === MESSAGES.passwordTooWeak ? 'reset.too_weak' : 'reset.failed' };
    onSet();
    return null;
  });
  return (
    <Page title={t('reset.title')} focusesField>
      <Problem problem={problem} />
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          const password = newPasswordOf(event.currentTarget);
          if (password === null) {
            fail({ text: 'reset.differ' });
            return;
          }
          const body: z.output<typeof resetPasswordRequest> = { password };
          submit(() => ask('POST', '/api/reset-password', body));
        }}
      >
        <NewPasswordFields />
        <SubmitButton busy={busy}>{t('reset.submit')}</SubmitButton>
      </form>
    </Page>
  );
}

function Changed() {
  const { t } = useTexts();
  return (
    <Page title={t('reset.done_title')}>
      <p role="status">{t('reset.done')}</p>
      <p className="aside">
        <a href={at('/')}>{t('sign_in.title')}</a>
      </p>
    </Page>
  );
}
