import type { overviewData, recoveryCodeRequest, redirectData, totpDeviceData, totpRequest } from '@portcullis/contracts-portal-api';
import { type ReactNode, useRef, useState } from 'react';
import { Navigate } from 'react-router';
import type { z } from 'zod';
import { ask } from '../api.js';
import { CodeForm, useCode } from '../code-form.js';
import { factorProblem } from '../factor-problem.js';
import { Field } from '../field.js';
import { formText } from '../form-text.js';
import { Page } from '../frame.js';
import { asked, askedQuery, at } from '../portal-data.js';
import { usePortal } from '../portal.js';
import { Problem } from '../problem.js';
import { SignOutLink } from '../sign-out-link.js';
import { SubmitButton } from '../submit-button.js';
import { useTexts } from '../texts.js';
import { OVERVIEW, TOTP_DEVICE, useRead } from '../use-read.js';
import { useSubmit } from '../use-submit.js';
import { SignIn } from './sign-in.js';

type Way = z.output<typeof redirectData>;

/** At its own address: for who has given the password and not yet this; everybody else is at the wrong door. */
export function SecondFactorPage({ isLost = false }: { readonly isLost?: boolean }) {
  const { data } = usePortal();
  switch (data.state.authentication_level) {
    case 0:
      return <SignIn />;
    case 1:
      return <SecondFactor isLost={isLost} />;
    case 2:
      return <Navigate to={`/${askedQuery()}`} replace />;
  }
}

/** The code of the app, a recovery code where the device is lost, or the way to a first device. */
export function SecondFactor({ isLost: isLostAtFirst = false }: { readonly isLost?: boolean }) {
  const device = useRead<z.output<typeof totpDeviceData>>(TOTP_DEVICE);
  const [isLost, setLost] = useState(isLostAtFirst);
  const { t } = useTexts();
  if (device === undefined) return null;
  if (device.kind === 'refused') return <MustEnrol />;
  const other = (
    <button
      type="button"
      className="link"
      onClick={() => {
        setLost(!isLost);
      }}
    >
      {t(isLost ? 'second_factor.use_app' : 'second_factor.lost')}
    </button>
  );
  return isLost ? <Recovery other={other} /> : <AppCode digits={device.kind === 'ok' ? (device.data?.digits ?? 6) : 6} other={other} />;
}

/** What stands below either way of giving the factor. */
function Asides({ other }: { readonly other: ReactNode }) {
  return (
    <div className="asides">
      {other}
      <SignOutLink />
    </div>
  );
}

function Destination() {
  const { data } = usePortal();
  const { t } = useTexts();
  return data.continue_to !== null && <p>{t('sign_in.continue_to', { host: data.continue_to })}</p>;
}

function AppCode({ digits, other }: { readonly digits: number; readonly other: ReactNode }) {
  const { goOn } = usePortal();
  const { t, language } = useTexts();
  const typed = useCode();
  const { busy, problem, submit } = useSubmit<Way>(async (outcome) => {
    if (outcome.kind === 'ok') {
      await goOn(outcome.data);
      return null;
    }
    typed.clear();
    return factorProblem(outcome, { text: 'second_factor.wrong' }, language);
  });
  const send = (token: string): void => {
    const { rd: targetURL, rm: requestMethod } = asked();
    const body: z.output<typeof totpRequest> = { token, targetURL, requestMethod };
    submit(() => ask('POST', '/api/secondfactor/totp', body));
  };
  return (
    <Page title={t('second_factor.title')} focusesField>
      <Destination />
      <p>{t('second_factor.explain')}</p>
      <CodeForm typed={typed} digits={digits} busy={busy} problem={problem} autoFocus onSend={send} />
      <Asides other={other} />
    </Page>
  );
}

function Recovery({ other }: { readonly other: ReactNode }) {
  const { goOn } = usePortal();
  const { t, language } = useTexts();
  const form = useRef<HTMLFormElement>(null);
  const { busy, problem, submit } = useSubmit<Way>(async (outcome) => {
    if (outcome.kind === 'refused') return factorProblem(outcome, { text: 'recovery.wrong' }, language);
    await goOn(outcome.data);
    return null;
  });
  return (
    <Page title={t('recovery.title')} focusesField>
      <p>{t('recovery.explain')}</p>
      <Problem problem={problem} />
      <form
        ref={form}
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          const code = formText(event.currentTarget, 'code');
          const { rd: targetURL, rm: requestMethod } = asked();
          const body: z.output<typeof recoveryCodeRequest> = { code, targetURL, requestMethod };
          submit(() => ask('POST', '/api/secondfactor/recovery-code', body));
        }}
      >
        <Field label={t('recovery.code')} name="code" autoComplete="off" autoCapitalize="none" spellCheck={false} required autoFocus />
        <SubmitButton busy={busy}>{t('continue')}</SubmitButton>
      </form>
      <p className="more">{t('recovery.none')}</p>
      <Asides other={other} />
    </Page>
  );
}

function MustEnrol() {
  const { data } = usePortal();
  const { t } = useTexts();
  const overview = useRead<z.output<typeof overviewData>>(OVERVIEW);
  const name = (overview?.kind === 'ok' ? overview.data?.display_name : undefined) ?? data.state.username;
  return (
    <Page title={t('must_enrol.title')}>
      <p>{t('must_enrol.explain', { name })}</p>
      <a className="button" href={`${at('/enrol')}${askedQuery()}`}>
        {t('must_enrol.submit')}
      </a>
      <div className="asides">
        <SignOutLink />
      </div>
    </Page>
  );
}
