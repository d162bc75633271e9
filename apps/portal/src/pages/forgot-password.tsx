import type { resetStartRequest } from '@portcullis/contracts-portal-api';
import { useState } from 'react';
import { Link } from 'react-router';
import type { z } from 'zod';
import { ask } from '../api.js';
import { Field } from '../field.js';
import { formText } from '../form-text.js';
import { Page } from '../frame.js';
import { usePortal } from '../portal.js';
import { Problem } from '../problem.js';
import { SubmitButton } from '../submit-button.js';
import { useTexts } from '../texts.js';
import { useSubmit } from '../use-submit.js';

/** Asks for the mail with the link; says the same for every name. */
export function ForgotPassword() {
  const { data } = usePortal();
  const { t } = useTexts();
  const [isSent, setSent] = useState(false);
  const { busy, problem, submit } = useSubmit((outcome) => {
    if (outcome.kind === 'refused') return { text: 'problem.unexpected' };
    setSent(true);
    return null;
  });
  if (isSent) return <Sent />;
  return (
    <Page title={t('forgot.title')} focusesField>
      <p>{t(data.notices === 'file' ? 'forgot.explain_file' : 'forgot.explain')}</p>
      <Problem problem={problem} />
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          const body: z.output<typeof resetStartRequest> = { username: formText(event.currentTarget, 'username') };
          submit(() => ask('POST', '/api/reset-password/identity/start', body));
        }}
      >
        <Field label={t('sign_in.username')} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus />
        <SubmitButton busy={busy}>{t('forgot.submit')}</SubmitButton>
      </form>
    </Page>
  );
}

function Sent() {
  const { data } = usePortal();
  const { t } = useTexts();
  const isFile = data.notices === 'file';
  return (
    <Page title={t(isFile ? 'forgot.sent_file_title' : 'forgot.sent_title')}>
      <p role="status">{t(isFile ? 'forgot.sent_file' : 'forgot.sent')}</p>
      <p className="aside">
        <Link to="/reset-password/step2">{t('forgot.has_token')}</Link>
      </p>
    </Page>
  );
}
