import { useState } from 'react';
import type { TextKey } from '@portcullis/domain-portal-texts';
import { useTexts } from './texts.js';

/** Puts a text on the clipboard and says so. @param of what the text is, for who does not see it beside the button */
export function CopyButton({ text, of }: { readonly text: string; readonly of: string }) {
  const { t } = useTexts();
  const [said, setSaid] = useState<TextKey | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('copied');
    } catch {
      setSaid('copy_failed');
    }
  };
  return (
    <>
      <button type="button" className="plain small" onClick={() => void copy()}>
        {t('copy')}
        <span className="unseen">: {of}</span>
      </button>
      <span className="said" role="status">
        {said !== null && t(said)}
      </span>
    </>
  );
}
