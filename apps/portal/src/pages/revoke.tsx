import type { disownRequest, resetRevokeRequest } from '@portcullis/contracts-portal-api';
import type { TextKey } from '@portcullis/domain-portal-texts';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import type { z } from 'zod';
import { ask, type Outcome } from '../api.js';
import { Page } from '../frame.js';
import { usePortal } from '../portal.js';
import { Problem } from '../problem.js';
import { SubmitButton } from '../submit-button.js';
import { useTexts } from '../texts.js';
import { useSubmit } from '../use-submit.js';

const inAddress = (name: string): string => new URLSearchParams(window.location.search).get(name) ?? '';

/** The mail about a forgotten password that somebody else asked for. */
export function RevokeReset() {
  const [token] = useState(() => inAddress('token'));
  const body: z.output<typeof resetRevokeRequest> = { token };
  return (
    <Revoke explain="revoke.explain" button="revoke.submit" done="revoke.done" send={() => ask('DELETE', '/api/reset-password', body)}>
      {null}
    </Revoke>
  );
}

/** The mailed one-time code that somebody else asked for. */
export function RevokeCode() {
  const [id] = useState(() => inAddress('id'));
  const send = () => ask('DELETE', `/api/user/session/elevation/${encodeURIComponent(id)}`);
  return (
    <Revoke explain="revoke.explain" button="revoke.submit" done="revoke.done" send={send}>
      {null}
    </Revoke>
  );
}

/** The sign-in from a new device that was somebody else: it ends, and the password is no secret any more. */
export function DisownSession() {
  const { data } = usePortal();
  const { t } = useTexts();
  const [token] = useState(() => inAddress('token'));
  const body: z.output<typeof disownRequest> = { token };
  return (
    <Revoke
      explain="disown.explain"
      button="disown.submit"
      done="disown.done"
      doneTitle="disown.done_title"
      send={() => ask('POST', '/api/user/sessions/disown', body)}
    >
      {data.reset_url !== null ? (
        <a className="button" href={data.reset_url}>
          {t('disown.reset')}
        </a>
      ) : (
        !data.reset_disabled && (
          <Link className="button" to="/reset-password/step1">
            {t('disown.reset')}
          </Link>
        )
      )}
    </Revoke>
  );
}

interface RevokeProps {
  readonly explain: TextKey;
  readonly button: TextKey;
  readonly done: TextKey;
  readonly doneTitle?: TextKey;
  readonly send: () => Promise<Outcome<never>>;
  /** What is to be done next. */
  readonly children: ReactNode;
}

/** Done by a press of a button: scanners of mail open links too. */
function Revoke({ explain, button, done, doneTitle = 'revoke.done_title', send, children }: RevokeProps) {
  const { t } = useTexts();
  const [ending, setEnding] = useState<'done' | 'nothing' | null>(null);
  const { busy, problem, submit } = useSubmit((outcome) => {
    setEnding(outcome.kind === 'ok' ? 'done' : 'nothing');
    return null;
  });
  if (ending === 'done') {
    return (
      <Page title={t(doneTitle)}>
        <p role="status">{t(done)}</p>
        {children}
      </Page>
    );
  }
  if (ending === 'nothing') {
    return (
      <Page title={t('revoke.nothing_title')}>
        <p role="status">{t('revoke.nothing')}</p>
      </Page>
    );
  }
  return (
    <Page title={t('revoke.title')}>
      <p>{t(explain)}</p>
      <Problem problem={problem} />
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          submit(send);
        }}
      >
        <SubmitButton busy={busy}>{t(button)}</SubmitButton>
      </form>
    </Page>
  );
}
