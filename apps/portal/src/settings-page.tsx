import type { TextKey } from '@portcullis/domain-portal-texts';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Page } from './frame.js';
import { SignIn } from './pages/sign-in.js';
import { at } from './portal-data.js';
import { usePortal } from './portal.js';
import { useTexts } from './texts.js';

const PAGES: readonly (readonly [path: string, text: TextKey])[] = [
  ['/settings', 'settings.security'],
  ['/settings/sessions', 'settings.sessions'],
  ['/settings/history', 'settings.history'],
];

/** One page of the settings, with the way to the others; who is not signed in does so first, and stays. */
export function SettingsPage({ title, children }: { readonly title: TextKey; readonly children: ReactNode }) {
  const { data } = usePortal();
  const { t } = useTexts();
  if (data.state.authentication_level === 0) return <SignIn />;
  return (
    <div className="settings">
      <nav aria-label={t('home.settings')}>
        {PAGES.map(([path, text]) => (
          <Link key={path} to={path} aria-current={title === text ? 'page' : undefined}>
            {t(text)}
          </Link>
        ))}
      </nav>
      <Page title={t(title)}>{children}</Page>
      <p className="aside">
        <a href={at('/')}>{t('forbidden.account')}</a>
      </p>
    </div>
  );
}
