import { useEffect, useState } from 'react';
import { ask } from '../api.js';
import { Page } from '../frame.js';
import { asked, at, signsOutAtOnce } from '../portal-data.js';
import { leave } from '../portal.js';
import { Problem } from '../problem.js';
import { SubmitButton } from '../submit-button.js';
import { useTexts } from '../texts.js';
import { useSubmit } from '../use-submit.js';

/** What POST /api/logout says of the address that was asked for. */
interface LeftData {
  readonly safeTargetURL: boolean;
}

/** At once for who comes from here or a site beside; anybody else is asked, for a link of a stranger may have led here. */
export function SignOut() {
  const { t } = useTexts();
  const [hasLeft, setLeft] = useState(false);
  const { busy, problem, submit } = useSubmit<LeftData>((outcome) => {
    if (outcome.kind === 'refused') return { text: 'problem.unexpected' };
    const { rd } = asked();
    if (rd !== '' && outcome.data?.safeTargetURL === true) void leave(rd);
    else setLeft(true);
    return null;
  });
  const signOut = (): void => {
    submit(() => ask('POST', '/api/logout', { targetURL: asked().rd }));
  };
  useEffect(() => {
    if (signsOutAtOnce) signOut();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens
  }, []);
  if (hasLeft) return <SignedOut />;
  return (
    <Page title={t('sign_out.title')}>
      <p>{t('sign_out.explain')}</p>
      <Problem problem={problem} />
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          signOut();
        }}
      >
        <SubmitButton busy={busy}>{t('sign_out.submit')}</SubmitButton>
      </form>
    </Page>
  );
}

/** @param everywhere every session of the account, not this one alone */
export function SignedOut({ everywhere = false }: { readonly everywhere?: boolean }) {
  const { t } = useTexts();
  return (
    <Page title={t('signed_out.title')}>
      <p role="status">{t(everywhere ? 'signed_out.everywhere' : 'signed_out.explain')}</p>
      <p className="aside">
        <a href={at('/')}>{t('signed_out.again')}</a>
      </p>
    </Page>
  );
}
