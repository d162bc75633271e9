import type { overviewData, sessionsEndedData, totpDeviceData } from '@portcullis/contracts-portal-api';
import { useState } from 'react';
import { Link } from 'react-router';
import type { z } from 'zod';
import { ask } from '../api.js';
import { Page } from '../frame.js';
import { at } from '../portal-data.js';
import { usePortal } from '../portal.js';
import { Problem } from '../problem.js';
import { useTexts } from '../texts.js';
import { OVERVIEW, TOTP_DEVICE, useRead } from '../use-read.js';
import { useSubmit } from '../use-submit.js';
import { SignedOut } from './sign-out.js';

/** Who one is, what one may open, and the way out. */
export function Overview() {
  const { data } = usePortal();
  const { t } = useTexts();
  const overview = useRead<z.output<typeof overviewData>>(OVERVIEW);
  const [hasLeft, setLeft] = useState(false);
  if (hasLeft) return <SignedOut everywhere />;
  const known = overview?.kind === 'ok' ? overview.data : undefined;
  const name = known?.display_name ?? data.state.username;
  const home = data.state.default_redirection_url;
  return (
    <Page title={t('home.title')}>
      <p>{t(data.state.authentication_level === 2 ? 'home.by_both' : 'home.by_password', { name })}</p>
      {home !== undefined && (
        <p>
          <a href={home}>{t('home.go_to', { host: new URL(home).host })}</a>
        </p>
      )}
      {data.wants_second_factor && <MissingFactor />}
      {known !== undefined && <Groups groups={known.groups} />}
      {known !== undefined && <Sites sites={known.sites} />}
      <nav className="actions">
        <a className="button plain" href={at('/settings')}>
          {t('home.settings')}
        </a>
        <a className="button plain" href={at('/logout')}>
          {t('home.sign_out')}
        </a>
        <Everywhere
          onLeft={() => {
            setLeft(true);
          }}
        />
      </nav>
    </Page>
  );
}

/** What some sites ask for besides the password: to be given now, or to be set up first. */
function MissingFactor() {
  const { t } = useTexts();
  const device = useRead<z.output<typeof totpDeviceData>>(TOTP_DEVICE);
  if (device === undefined) return null;
  return device.kind === 'refused' ? (
    <>
      <p>{t('home.enrol_explain')}</p>
      <a className="button" href={at('/enrol')}>
        {t('must_enrol.submit')}
      </a>
    </>
  ) : (
    <>
      <p>{t('home.confirm_explain')}</p>
      <Link className="button" to="/second-factor">
        {t('home.confirm')}
      </Link>
    </>
  );
}

type Known = z.output<typeof overviewData>;

function Groups({ groups }: Pick<Known, 'groups'>) {
  const { t } = useTexts();
  if (groups.length === 0) return null;
  return (
    <section>
      <h2>{t('home.groups')}</h2>
      <ul className="tags">
        {groups.map((group) => (
          <li key={group}>{group}</li>
        ))}
      </ul>
    </section>
  );
}

const FACTORS = { bypass: 'home.bypass', one_factor: 'home.one_factor', two_factor: 'home.two_factor' } as const;

/** Behind the same proxy as the portal, so at its scheme and port. */
const siteAt = (host: string): string => Object.assign(new URL('/', window.location.href), { hostname: host }).href;

function Sites({ sites }: Pick<Known, 'sites'>) {
  const { t } = useTexts();
  return (
    <section>
      <h2>{t('home.sites')}</h2>
      {sites.length === 0 ? (
        <p>{t('home.no_sites')}</p>
      ) : (
        <ul className="sites">
          {sites.map(({ host, policy }) => (
            <li key={host}>
              <a href={siteAt(host)}>{host}</a>
              <span>{t(FACTORS[policy])}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Everywhere({ onLeft }: { readonly onLeft: () => void }) {
  const { t } = useTexts();
  const { busy, problem, submit } = useSubmit<z.output<typeof sessionsEndedData>>((outcome) => {
    if (outcome.kind === 'refused') return { text: 'problem.unexpected' };
    onLeft();
    return null;
  });
  return (
    <>
      <button
        type="button"
        className="plain"
        aria-disabled={busy}
        aria-busy={busy}
        aria-describedby="everywhere"
        onClick={() => {
          submit(() => ask('DELETE', '/api/user/sessions'));
        }}
      >
        {t('home.everywhere')}
      </button>
      <p className="hint" id="everywhere">
        {t('home.everywhere_explain')}
      </p>
      <Problem problem={problem} />
    </>
  );
}
