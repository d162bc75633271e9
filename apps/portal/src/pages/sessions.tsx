import type { sessionsData, sessionsEndedData } from '@portcullis/contracts-portal-api';
import { describeDevice } from '@portcullis/domain-devices';
import type { TextKey, Translate } from '@portcullis/domain-portal-texts';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import { ask } from '../api.js';
import { Confirm } from '../confirm.js';
import { Problem } from '../problem.js';
import { SettingsPage } from '../settings-page.js';
import { useTexts } from '../texts.js';
import { reread, SESSIONS, useRead } from '../use-read.js';
import { useSubmit } from '../use-submit.js';
import { when } from '../when.js';

type Session = z.output<typeof sessionsData>['sessions'][number];

/** Where one is signed in, and ending it. */
export function Sessions() {
  return (
    <SettingsPage title="settings.sessions">
      <List />
    </SettingsPage>
  );
}

function List() {
  const { t } = useTexts();
  const known = useRead<z.output<typeof sessionsData>>(SESSIONS);
  const [asked, setAsked] = useState<Session | 'others' | null>(null);
  const [said, setSaid] = useState<TextKey | null>(null);
  const status = useRef<HTMLParagraphElement>(null);
  // The button that was pressed is gone with its session.
  useEffect(() => {
    if (said !== null) status.current?.focus();
  }, [said]);
  const { busy, problem, fail, submit } = useSubmit<z.output<typeof sessionsEndedData>>(async (outcome) => {
    // One that is not there any more has ended by itself.
    if (outcome.kind === 'refused' && outcome.status !== 404) return { text: 'problem.unexpected' };
    await reread(SESSIONS);
    setSaid(asked === 'others' ? 'sessions.others_ended' : 'sessions.ended');
    setAsked(null);
    return null;
  });
  if (known === undefined) return null;
  if (known.kind !== 'ok' || known.data === undefined) return <Problem problem={{ text: 'problem.unexpected' }} />;
  const sessions = known.data.sessions.toSorted((one, other) => Number(other.current) - Number(one.current));
  const askFor = (what: Session | 'others'): void => {
    fail(null);
    setSaid(null);
    setAsked(what);
  };
  return (
    <>
      <p>{t('sessions.explain')}</p>
      <p ref={status} className="said" role="status" tabIndex={-1}>
        {said !== null && t(said)}
      </p>
      <ul className="cards">
        {sessions.map((session) => (
          <SessionShown
            key={session.handle}
            session={session}
            onEnd={() => {
              askFor(session);
            }}
          />
        ))}
      </ul>
      {sessions.length > 1 ? (
        <button
          type="button"
          className="plain"
          onClick={() => {
            askFor('others');
          }}
        >
          {t('sessions.end_others')}
        </button>
      ) : (
        <p>{t('sessions.only')}</p>
      )}
      {asked !== null && (
        <Confirm
          title={t(asked === 'others' ? 'sessions.others_title' : 'sessions.end_title')}
          explain={`${asked === 'others' ? '' : `${deviceOf(asked, t)}. `}${t('sessions.cut')}`}
          action={t(asked === 'others' ? 'sessions.end_others' : 'sessions.end')}
          busy={busy}
          problem={problem}
          onConfirm={() => {
            submit(() => ask('DELETE', `${SESSIONS}/${asked === 'others' ? 'others' : encodeURIComponent(asked.handle)}`));
          }}
          onClose={() => {
            setAsked(null);
          }}
        />
      )}
    </>
  );
}

function deviceOf({ user_agent: userAgent }: Session, t: Translate): string {
  const { browser, os } = describeDevice(userAgent);
  if (browser !== null && os !== null) return t('sessions.device', { browser, os });
  return browser ?? os ?? t('sessions.unknown');
}

function SessionShown({ session, onEnd }: { readonly session: Session; readonly onEnd: () => void }) {
  const { t, language } = useTexts();
  const device = deviceOf(session, t);
  const level = t(session.authentication_level === 2 ? 'sessions.by_both' : 'sessions.by_password');
  return (
    <li>
      <h2>
        {device} {session.current && <span className="tag">{t('sessions.this')}</span>}
      </h2>
      <dl>
        <Fact name={t('sessions.seen')}>{when(session.last_seen_at, language)}</Fact>
        <Fact name={t('sessions.signed_in')}>{when(session.created_at, language)}</Fact>
        <Fact name={t('sessions.address')}>
          <bdi>{session.remote_ip}</bdi>
        </Fact>
        <Fact name={t('sessions.site')}>
          <bdi>{session.domain}</bdi>
        </Fact>
      </dl>
      <p className="hint">
        {level}
        {session.remembered && ` · ${t('sessions.remembered')}`}
      </p>
      {!session.current && (
        <button type="button" className="plain small" onClick={onEnd}>
          {t('sessions.end')}
          <span className="unseen">: {device}</span>
        </button>
      )}
    </li>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
