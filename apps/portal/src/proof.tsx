import {
  type elevationFinishRequest,
  MESSAGES,
  type recoveryCodeRequest,
  type totpDeviceData,
  type totpRequest,
  type userInfoData,
} from '@portcullis/contracts-portal-api';
import { useState } from 'react';
import type { z } from 'zod';
import { ask, type Outcome } from './api.js';
import { CodeForm, useCode } from './code-form.js';
import { factorProblem } from './factor-problem.js';
import { Field } from './field.js';
import { formText } from './form-text.js';
import { usePortal } from './portal.js';
import { Problem } from './problem.js';
import { SubmitButton } from './submit-button.js';
import { useTexts } from './texts.js';
import { TOTP_DEVICE, USER_INFO, useRead } from './use-read.js';
import { useSubmit } from './use-submit.js';

/** What a change asks for besides the session. */
export interface Missing {
  readonly elevation: boolean;
  readonly second_factor: boolean;
}

/** What a refusal says is missing; null: it was refused for something else, or not at all. */
export function missingOf(outcome: Outcome<unknown>): Missing | null {
  if (outcome.kind !== 'refused' || outcome.status !== 403) return null;
  const { data } = outcome;
  if (typeof data !== 'object' || data === null || !('elevation' in data) || !('second_factor' in data)) return null;
  return { elevation: data.elevation === true, second_factor: data.second_factor === true };
}

interface StepProps {
  readonly onProven: () => void;
}

/** Asks for one thing that is missing. The second factor goes first, for it may make the mailed code needless. */
export function Proof({ missing, onProven }: StepProps & { readonly missing: Missing }) {
  return missing.second_factor ? <Factor onProven={onProven} /> : <MailedCode onProven={onProven} />;
}

function Factor({ onProven }: StepProps) {
  const { t } = useTexts();
  const device = useRead<z.output<typeof totpDeviceData>>(TOTP_DEVICE);
  const [isLost, setLost] = useState(false);
  if (device === undefined) return null;
  return (
    <>
      {isLost ? <RecoveryCode onProven={onProven} /> : <AppCode digits={device.kind === 'ok' ? (device.data?.digits ?? 6) : 6} onProven={onProven} />}
      <p className="aside">
        <button
          type="button"
          className="link"
          onClick={() => {
            setLost(!isLost);
          }}
        >
          {t(isLost ? 'second_factor.use_app' : 'second_factor.lost')}
        </button>
      </p>
    </>
  );
}

const NOWHERE = { targetURL: '', requestMethod: '' };

function AppCode({ digits, onProven }: StepProps & { readonly digits: number }) {
  const { t, language } = useTexts();
  const typed = useCode();
  const { busy, problem, submit } = useSubmit((outcome) => {
    typed.clear();
    if (outcome.kind === 'refused') return factorProblem(outcome, { text: 'second_factor.wrong' }, language);
    onProven();
    return null;
  });
  const send = (token: string): void => {
    const body: z.output<typeof totpRequest> = { token, ...NOWHERE };
    submit(() => ask('POST', '/api/secondfactor/totp', body));
  };
  return (
    <>
      <p>{t('second_factor.explain')}</p>
      <CodeForm typed={typed} digits={digits} busy={busy} problem={problem} autoFocus onSend={send} />
    </>
  );
}

function RecoveryCode({ onProven }: StepProps) {
  const { t, language } = useTexts();
  const { busy, problem, submit } = useSubmit((outcome) => {
    if (outcome.kind === 'refused') return factorProblem(outcome, { text: 'recovery.wrong' }, language);
    onProven();
    return null;
  });
  return (
    <>
      <p>{t('recovery.explain')}</p>
      <Problem problem={problem} />
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          const body: z.output<typeof recoveryCodeRequest> = { code: formText(event.currentTarget, 'code'), ...NOWHERE };
          submit(() => ask('POST', '/api/secondfactor/recovery-code', body));
        }}
      >
        <Field label={t('recovery.code')} name="code" autoComplete="off" autoCapitalize="none" spellCheck={false} required autoFocus />
        <SubmitButton busy={busy}>{t('continue')}</SubmitButton>
      </form>
    </>
  );
}

const ELEVATION = '/api/user/session/elevation';

/** Says why a code is sent and to whom, sends it when told to, and takes it. */
function MailedCode({ onProven }: StepProps) {
  const { data } = usePortal();
  const { t } = useTexts();
  const isFile = data.notices === 'file';
  const info = useRead<z.output<typeof userInfoData>>(USER_INFO);
  const address = info?.kind === 'ok' ? info.data?.emails?.[0] : undefined;
  const [isSent, setSent] = useState(false);
  const sending = useSubmit((outcome) => {
    if (outcome.kind === 'refused') return { text: outcome.message === MESSAGES.noAddress ? 'enrol.no_address' : 'problem.unexpected' };
    setSent(true);
    return null;
  });
  const taking = useSubmit((outcome) => {
    if (outcome.kind === 'refused') return { text: 'enrol.mailed_wrong' };
    onProven();
    return null;
  });
  const send = (): void => {
    taking.fail(null);
    sending.submit(() => ask('POST', ELEVATION));
  };
  const to = !isFile && address !== undefined && <p>{t('prove.address', { address })}</p>;
  if (!isSent)
    return (
      <>
        <p>{t(isFile ? 'enrol.why_file' : 'enrol.why')}</p>
        {to}
        <Problem problem={sending.problem} />
        <form
          method="post"
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <SubmitButton busy={sending.busy}>{t('enrol.send')}</SubmitButton>
        </form>
      </>
    );
  return (
    <>
      <p role="status">{t(isFile ? 'prove.file' : 'enrol.mailed')}</p>
      {to}
      <Problem problem={sending.problem ?? taking.problem} />
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          const body: z.output<typeof elevationFinishRequest> = { otc: formText(event.currentTarget, 'code') };
          taking.submit(() => ask('PUT', ELEVATION, body));
        }}
      >
        <Field
          label={t(isFile ? 'prove.code' : 'enrol.mailed_code')}
          name="code"
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          required
          autoFocus
        />
        <SubmitButton busy={taking.busy}>{t('continue')}</SubmitButton>
      </form>
      <p className="aside">
        <button type="button" className="link" onClick={send}>
          {t('prove.again')}
        </button>
      </p>
    </>
  );
}
