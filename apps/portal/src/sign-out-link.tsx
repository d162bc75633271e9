import { at } from './portal-data.js';
import { useTexts } from './texts.js';

/** To the page that signs out. */
export function SignOutLink() {
  const { t } = useTexts();
  return <a href={at('/logout')}>{t('home.sign_out')}</a>;
}
