import { useState } from 'react';
import type { PortalData } from './portal-data.js';
import { usePortal } from './portal.js';
import { useTexts } from './texts.js';

const KEY = 'portcullis_privacy';

/** Which policy was accepted: another address is another policy. */
const accepted = (): string | null => {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null;
  }
};

/** Asked once a browser: signing in with the box ticked is the answer. */
export function rememberConsent({ privacy_acceptance: isAsked, privacy_url: policy }: PortalData): void {
  if (!isAsked || policy === null) return;
  try {
    window.localStorage.setItem(KEY, policy);
  } catch {
    // A browser that keeps nothing is asked again.
  }
}

/** The box without which nobody signs in, where the operator asks for it. */
export function PrivacyConsent() {
  const { data } = usePortal();
  const { t } = useTexts();
  const [isNeeded] = useState(() => data.privacy_acceptance && data.privacy_url !== null && accepted() !== data.privacy_url);
  if (!isNeeded || data.privacy_url === null) return null;
  return (
    <div className="consent">
      <label className="check">
        <input type="checkbox" name="privacy" required />
        <span>{t('privacy.accept')}</span>
      </label>
      <a href={data.privacy_url} target="_blank" rel="noreferrer">
        {t('privacy.read')} <span className="unseen">({t('new_window')})</span>
      </a>
    </div>
  );
}
