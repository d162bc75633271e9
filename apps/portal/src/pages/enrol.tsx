import type {
  redirectData,
  totpOptionsData,
  totpRegisteredData,
  totpRegistrationFinishRequest,
  totpSecretData,
} from '@portcullis/contracts-portal-api';
import type { TextKey } from '@portcullis/domain-portal-texts';
import { type ReactNode, useEffect, useState } from 'react';
import type { z } from 'zod';
import { ask } from '../api.js';
import { CodeForm, useCode } from '../code-form.js';
import { CopyButton } from '../copy-button.js';
import { Page } from '../frame.js';
import { asked, askedQuery, at } from '../portal-data.js';
import { leave } from '../portal.js';
import { Problem } from '../problem.js';
import { missingOf, Proof } from '../proof.js';
import { QrCode } from '../qr-code.js';
import { RecoveryCodes } from '../recovery-codes.js';
import { useTexts } from '../texts.js';
import { useProven } from '../use-proven.js';
import { reread, TOTP_REGISTRATION, useRead } from '../use-read.js';

type Options = z.output<typeof totpOptionsData>;
type Secret = z.output<typeof totpSecretData>;
type Registered = z.output<typeof totpRegisteredData>;
interface Settings {
  readonly algorithm: string;
  readonly length: number;
  readonly period: number;
}

/** On to where they were going; to the settings who came from there. */
function goOn(way: z.output<typeof redirectData> | undefined): void {
  if (asked().rd === '') void leave(at('/settings'));
  else void leave(way?.redirect ?? `${at('/')}${askedQuery()}`);
}

/** Sets up an authenticator app: proof of who it is, the secret, a code that shows the app has it, recovery codes. */
export function Enrol() {
  const { t } = useTexts();
  const options = useRead<Options>(TOTP_REGISTRATION);
  const [registered, setRegistered] = useState<Registered | null>(null);
  if (registered !== null) return <Done registered={registered} />;
  if (options === undefined) return null;
  const missing = missingOf(options);
  if (missing !== null)
    return (
      <Cancellable>
        <Proof missing={missing} onProven={() => void reread(TOTP_REGISTRATION)} />
      </Cancellable>
    );
  if (options.kind !== 'ok' || options.data === undefined)
    return (
      <Page title={t('enrol.title')}>
        <Problem problem={{ text: 'problem.unexpected' }} />
      </Page>
    );
  return <Setup options={options.data} onRegistered={setRegistered} />;
}

/** What is pending is dropped when somebody turns back. */
function Cancellable({ children }: { readonly children: ReactNode }) {
  const { t } = useTexts();
  const turnBack = async (): Promise<void> => {
    await ask('DELETE', TOTP_REGISTRATION);
    await leave(asked().rd === '' ? at('/settings') : `${at('/')}${askedQuery()}`);
  };
  return (
    <Page title={t('enrol.title')}>
      {children}
      <p className="aside">
        <button type="button" className="link" onClick={() => void turnBack()}>
          {t('cancel')}
        </button>
      </p>
    </Page>
  );
}

interface SetupProps {
  readonly options: Options;
  readonly onRegistered: (registered: Registered) => void;
}

function Setup({ options, onRegistered }: SetupProps) {
  const [settings, setSettings] = useState<Settings>({ algorithm: options.algorithm, length: options.length, period: options.period });
  const [secret, setSecret] = useState<Secret | null>(null);
  const { busy, problem, proof, submit } = useProven<Secret>((outcome) => {
    if (outcome.kind === 'refused' || outcome.data === undefined) return { text: 'problem.unexpected' };
    setSecret(outcome.data);
    return null;
  });
  const begin = (wanted: Settings): void => {
    submit(() => ask('PUT', TOTP_REGISTRATION, wanted));
  };
  const choose = (wanted: Settings): void => {
    setSettings(wanted);
    begin(wanted);
  };
  useEffect(() => {
    begin(settings);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens
  }, []);
  return (
    <Cancellable>
      {proof ?? (
        <>
          <Problem problem={problem} />
          {secret !== null && (
            <>
              <SecretShown secret={secret} />
              <Choices options={options} settings={settings} busy={busy} onChosen={choose} />
              <FirstCode key={secret.base32_secret} digits={settings.length} onRegistered={onRegistered} />
            </>
          )}
        </>
      )}
    </Cancellable>
  );
}

function SecretShown({ secret: { base32_secret: secret, otpauth_url: address } }: { readonly secret: Secret }) {
  const { t } = useTexts();
  return (
    <>
      <p>{t('enrol.scan')}</p>
      <QrCode text={address} label={t('enrol.picture')} />
      <p className="aside">
        <a href={address}>{t('enrol.open')}</a>
      </p>
      <p>{t('enrol.type')}</p>
      <p className="secret">
        <code dir="ltr">{secret}</code>
        <CopyButton text={secret} of={t('enrol.secret')} />
      </p>
    </>
  );
}

interface ChoicesProps {
  readonly options: Options;
  readonly settings: Settings;
  readonly busy: boolean;
  readonly onChosen: (settings: Settings) => void;
}

/** Only what the configuration leaves open. */
function Choices({ options, settings, busy, onChosen }: ChoicesProps) {
  const { t } = useTexts();
  const all = [
    { key: 'algorithm', text: 'enrol.algorithm', values: options.algorithms },
    { key: 'length', text: 'enrol.digits', values: options.lengths },
    { key: 'period', text: 'enrol.period', values: options.periods },
  ] as const satisfies readonly { key: keyof Settings; text: TextKey; values: readonly (string | number)[] }[];
  const open = all.filter(({ values }) => values.length > 1);
  if (open.length === 0) return null;
  return (
    <details>
      <summary>{t('enrol.options')}</summary>
      {open.map(({ key, text, values }) => (
        <label key={key} className="choice">
          <span>{t(text)}</span>
          <select
            value={settings[key]}
            disabled={busy}
            onChange={({ target }) => {
              const chosen = values.find((value) => String(value) === target.value);
              onChosen({ ...settings, [key]: chosen });
            }}
          >
            {values.map((value) => (
              <option key={value}>{value}</option>
            ))}
          </select>
        </label>
      ))}
    </details>
  );
}

function FirstCode({ digits, onRegistered }: { readonly digits: number } & Pick<SetupProps, 'onRegistered'>) {
  const { t } = useTexts();
  const typed = useCode();
  const { busy, problem, proof, submit } = useProven<Registered>((outcome) => {
    if (outcome.kind === 'ok') {
      onRegistered(outcome.data ?? {});
      return null;
    }
    typed.clear();
    return { text: 'enrol.code_wrong' };
  });
  const send = (token: string): void => {
    const { rd: targetURL, rm: requestMethod } = asked();
    const body: z.output<typeof totpRegistrationFinishRequest> = { token, continue: true, targetURL, requestMethod };
    submit(() => ask('POST', TOTP_REGISTRATION, body));
  };
  if (proof !== null) return proof;
  return (
    <CodeForm typed={typed} label={t('enrol.app_code')} digits={digits} action={t('enrol.submit')} busy={busy} problem={problem} onSend={send} />
  );
}

function Done({ registered }: { readonly registered: Registered }) {
  const { t } = useTexts();
  const { recovery_codes: codes = [], ...way } = registered;
  return (
    <Page title={t(codes.length === 0 ? 'enrol.done_title' : 'codes.title')}>
      <p role="status">{t('enrol.added')}</p>
      {codes.length === 0 ? (
        <button
          type="button"
          onClick={() => {
            goOn(way);
          }}
        >
          {t('continue')}
        </button>
      ) : (
        <RecoveryCodes
          codes={codes}
          onKept={() => {
            goOn(way);
          }}
        />
      )}
    </Page>
  );
}
