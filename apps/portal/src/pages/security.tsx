import {
  type changePasswordRequest,
  type configurationData,
  MESSAGES,
  type newRecoveryCodesData,
  type recoveryCodesData,
  type totpDeviceData,
} from '@portcullis/contracts-portal-api';
import { useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import { ask } from '../api.js';
import { Confirm } from '../confirm.js';
import { Dialog } from '../dialog.js';
import { formText } from '../form-text.js';
import { NewPasswordFields, newPasswordOf } from '../new-password-fields.js';
import { PasswordField } from '../password-field.js';
import { at } from '../portal-data.js';
import { usePortal } from '../portal.js';
import { Problem } from '../problem.js';
import { RecoveryCodes } from '../recovery-codes.js';
import { SettingsPage } from '../settings-page.js';
import { SubmitButton } from '../submit-button.js';
import { useTexts } from '../texts.js';
import { type Proven, useProven } from '../use-proven.js';
import { CONFIGURATION, RECOVERY_CODES, reread, TOTP_DEVICE, useRead } from '../use-read.js';
import { when } from '../when.js';

/** The password, the second factor and its recovery codes. */
export function Security() {
  return (
    <SettingsPage title="settings.security">
      <Password />
      <Authenticator />
    </SettingsPage>
  );
}

/** The same, opened at the second factor. */
export function SecondFactors() {
  return (
    <SettingsPage title="settings.security">
      <Password />
      <Authenticator isOpenedHere />
    </SettingsPage>
  );
}

/** What a change lacks, asked for in front of the page. */
function ProofDialog({ proof, giveUp }: Pick<Proven<never>, 'proof' | 'giveUp'>) {
  const { t } = useTexts();
  if (proof === null) return null;
  return (
    <Dialog title={t('prove.title')} onClose={giveUp}>
      {proof}
    </Dialog>
  );
}

function Password() {
  const { data } = usePortal();
  const { t } = useTexts();
  const [changes, setChanges] = useState(0);
  const { busy, problem, proof, giveUp, fail, submit } = useProven((outcome) => {
    if (outcome.kind === 'ok') {
      setChanges(changes + 1);
      return null;
    }
    if (outcome.message === MESSAGES.passwordTooWeak) return { text: 'reset.too_weak' };
    return { text: outcome.status === 401 ? 'settings.old_wrong' : 'problem.unexpected' };
  });
  if (data.change_disabled)
    return (
      <section>
        <h2>{t('sign_in.password')}</h2>
        <p>{t('settings.password_unchangeable')}</p>
      </section>
    );
  return (
    <section>
      <h2>{t('sign_in.password')}</h2>
      <p>{t('settings.password_explain')}</p>
      <p className="said" role="status">
        {changes > 0 && t('settings.password_done')}
      </p>
      <form
        key={changes}
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          const password = newPasswordOf(event.currentTarget);
          if (password === null) {
            fail({ text: 'reset.differ' });
            return;
          }
          const body: Omit<z.output<typeof changePasswordRequest>, 'username'> = {
            old_password: formText(event.currentTarget, 'old'),
            new_password: password,
          };
          submit(() => ask('POST', '/api/change-password', body));
        }}
      >
        {/* Which account a password manager is to keep the new one for. */}
        <input hidden readOnly name="username" autoComplete="username" value={data.state.username} />
        <PasswordField label={t('settings.old_password')} name="old" autoComplete="current-password" required />
        <NewPasswordFields autoFocus={false} />
        <Problem problem={problem} />
        <SubmitButton busy={busy}>{t('settings.change_password')}</SubmitButton>
      </form>
      <ProofDialog proof={proof} giveUp={giveUp} />
    </section>
  );
}

type Device = z.output<typeof totpDeviceData>;

function Authenticator({ isOpenedHere = false }: { readonly isOpenedHere?: boolean }) {
  const { t } = useTexts();
  const device = useRead<Device>(TOTP_DEVICE);
  const configuration = useRead<z.output<typeof configurationData>>(CONFIGURATION);
  const [isRemoved, setRemoved] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const isThere = device !== undefined && configuration !== undefined;
  useEffect(() => {
    if (!isOpenedHere || !isThere) return;
    heading.current?.scrollIntoView();
    heading.current?.focus();
  }, [isOpenedHere, isThere]);
  if (!isThere) return null;
  const methods = configuration.kind === 'ok' ? (configuration.data?.available_methods ?? []) : [];
  const found = device.kind === 'ok' ? device.data : undefined;
  if (found === undefined && methods.length === 0 && !isRemoved) return null;
  return (
    <>
      <section>
        <h2 ref={heading} tabIndex={-1}>
          {t('home.authenticator')}
        </h2>
        <p className="said" role="status">
          {isRemoved && t('settings.removed')}
        </p>
        {found === undefined ? (
          <>
            <p>{t('second_factor.no_device')}</p>
            {methods.length > 0 && (
              <a className="button plain" href={at('/enrol')}>
                {t('must_enrol.submit')}
              </a>
            )}
          </>
        ) : (
          <DeviceShown
            device={found}
            onRemoved={() => {
              setRemoved(true);
              heading.current?.focus();
            }}
          />
        )}
      </section>
      {found !== undefined && <Codes />}
    </>
  );
}

function DeviceShown({ device, onRemoved }: { readonly device: Device; readonly onRemoved: () => void }) {
  const { t, language } = useTexts();
  const [isAsking, setAsking] = useState(false);
  const { busy, problem, proof, giveUp, submit } = useProven(async (outcome) => {
    if (outcome.kind === 'refused') return { text: 'problem.unexpected' };
    await reread(TOTP_DEVICE);
    onRemoved();
    return null;
  });
  const close = (): void => {
    setAsking(false);
    giveUp();
  };
  return (
    <>
      <p>
        {t('settings.device_since', { date: when(device.created_at, language) })}{' '}
        {device.last_used_at !== null && t('settings.device_used', { date: when(device.last_used_at, language) })}
      </p>
      <p>{t('settings.device_needs')}</p>
      <div className="row">
        <a className="button plain small" href={at('/enrol')}>
          {t('settings.replace')}
        </a>
        <button
          type="button"
          className="plain small"
          onClick={() => {
            setAsking(true);
          }}
        >
          {t('settings.remove')}
        </button>
      </div>
      {isAsking && proof === null && (
        <Confirm
          title={t('settings.remove_title')}
          explain={t('settings.remove_explain')}
          action={t('settings.remove')}
          busy={busy}
          problem={problem}
          onConfirm={() => {
            submit(() => ask('DELETE', TOTP_DEVICE));
          }}
          onClose={close}
        />
      )}
      <ProofDialog proof={proof} giveUp={close} />
    </>
  );
}

function Codes() {
  const { t, language } = useTexts();
  const known = useRead<z.output<typeof recoveryCodesData>>(RECOVERY_CODES);
  const [made, setMade] = useState<readonly string[]>([]);
  const { busy, problem, proof, giveUp, submit } = useProven<z.output<typeof newRecoveryCodesData>>(async (outcome) => {
    if (outcome.kind === 'refused' || outcome.data === undefined) return { text: 'problem.unexpected' };
    setMade(outcome.data.codes);
    await reread(RECOVERY_CODES);
    return null;
  });
  const { remaining = 0, created_at: madeAt = null } = (known?.kind === 'ok' ? known.data : undefined) ?? {};
  return (
    <section>
      <h2>{t('codes.title')}</h2>
      {made.length > 0 ? (
        <RecoveryCodes
          codes={made}
          onKept={() => {
            setMade([]);
          }}
        />
      ) : (
        <>
          <p>{t('codes.explain')}</p>
          {known !== undefined && (
            <p>
              {t('codes.left', { count: remaining })} {madeAt !== null && t('codes.made', { date: when(madeAt, language) })}
            </p>
          )}
          <Problem problem={problem} />
          <button
            type="button"
            className="plain"
            aria-disabled={busy}
            aria-busy={busy}
            aria-describedby="make-codes"
            onClick={() => {
              submit(() => ask('POST', RECOVERY_CODES));
            }}
          >
            {t('codes.make')}
          </button>
          <p className="hint" id="make-codes">
            {t('codes.make_explain')}
          </p>
        </>
      )}
      <ProofDialog proof={proof} giveUp={giveUp} />
    </section>
  );
}
