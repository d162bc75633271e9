import { useState } from 'react';
import { CopyButton } from './copy-button.js';
import { usePortal } from './portal.js';
import { Problem } from './problem.js';
import { SubmitButton } from './submit-button.js';
import { useTexts } from './texts.js';

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onKept: () => void;
}

/** The codes, this once: whoever goes on says that they have kept them. */
export function RecoveryCodes({ codes, onKept }: RecoveryCodesProps) {
  const { data } = usePortal();
  const { t } = useTexts();
  const [isForgotten, setForgotten] = useState(false);
  const text = `${data.name}: ${t('codes.title')} (${data.state.username})\n\n${codes.join('\n')}\n`;
  return (
    <>
      <p>{t('enrol.recovery_codes')}</p>
      <p className="printed">
        {data.name} · {data.state.username}
      </p>
      <ol className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="row">
        <button
          type="button"
          className="plain small"
          onClick={() => {
            window.print();
          }}
        >
          {t('codes.print')}
        </button>
        <button
          type="button"
          className="plain small"
          onClick={() => {
            save('recovery-codes.txt', text);
          }}
        >
          {t('codes.save')}
        </button>
        <CopyButton text={text} of={t('codes.title')} />
      </div>
      <form
        method="post"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (new FormData(event.currentTarget).has('kept')) onKept();
          else setForgotten(true);
        }}
      >
        <Problem problem={isForgotten ? { text: 'codes.keep_first' } : null} />
        <label className="check">
          <input type="checkbox" name="kept" required />
          <span>{t('codes.kept')}</span>
        </label>
        <SubmitButton busy={false}>{t('continue')}</SubmitButton>
      </form>
    </>
  );
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
