import { Page } from './frame.js';
import { useTexts } from './texts.js';

/** In the place of a page, or of a part of it, that did not come over the network. */
export function Unloaded() {
  const { t } = useTexts();
  return (
    <Page title={t('unloaded.title')}>
      <p role="alert">{t('unloaded.explain')}</p>
      <button
        type="button"
        onClick={() => {
          window.location.reload();
        }}
      >
        {t('refusal.again')}
      </button>
    </Page>
  );
}
