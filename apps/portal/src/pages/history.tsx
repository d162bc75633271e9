import type { historyData } from '@portcullis/contracts-portal-api';
import type { TextKey } from '@portcullis/domain-portal-texts';
import { Link } from 'react-router';
import type { z } from 'zod';
import { Problem } from '../problem.js';
import { SettingsPage } from '../settings-page.js';
import { useTexts } from '../texts.js';
import { HISTORY, useRead } from '../use-read.js';
import { when } from '../when.js';

type Attempt = z.output<typeof historyData>['attempts'][number];

/** What was tried at one's account lately. */
export function History() {
  return (
    <SettingsPage title="settings.history">
      <Attempts />
    </SettingsPage>
  );
}

function Attempts() {
  const { t, language } = useTexts();
  const known = useRead<z.output<typeof historyData>>(HISTORY);
  if (known === undefined) return null;
  if (known.kind !== 'ok' || known.data === undefined) return <Problem problem={{ text: 'problem.unexpected' }} />;
  const { attempts } = known.data;
  return (
    <>
      <p>{t('history.explain')}</p>
      {attempts.length === 0 && <p>{t('history.empty')}</p>}
      <ol className="attempts">
        {attempts.map((attempt, place) => (
          <li key={`${attempt.at}-${place}`} className={attempt.successful ? 'good' : 'bad'}>
            <b>{t(sentenceOf(attempt))}</b>
            <span>
              {when(attempt.at, language)} · <bdi>{attempt.remote_ip}</bdi>
            </span>
          </li>
        ))}
      </ol>
      <p>
        {t('history.not_you')} <Link to="/settings">{t('settings.change_password')}</Link>
      </p>
    </>
  );
}

const sentenceOf = ({ factor, successful, banned }: Attempt): TextKey =>
  banned ? 'history.banned' : `history.${factor}_${successful ? 'good' : 'bad'}`;
