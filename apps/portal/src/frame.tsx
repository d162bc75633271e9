import { type ReactNode, useEffect, useRef } from 'react';
import { isLanguage } from '@portcullis/domain-portal-texts';
import { usePortal } from './portal.js';
import { changeLanguage, languages, useTexts } from './texts.js';

/** What stands around every page: whose gate this is above, language and small print below. The gateway's own pages have the same markup. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const { data } = usePortal();
  return (
    <>
      <header className="brand">
        {data.logo === null ? <span className="mark" aria-hidden="true" /> : <img className="logo" src={data.logo} alt="" />}
        <span>{data.name}</span>
      </header>
      <main className="card">{children}</main>
      <Foot />
    </>
  );
}

function Foot() {
  const { data } = usePortal();
  const { t, language } = useTexts();
  return (
    <footer className="foot">
      <label className="language">
        <span className="unseen">{t('language')}</span>
        <select
          value={language}
          onChange={({ target }) => {
            if (isLanguage(target.value)) void changeLanguage(target.value, data.texts);
          }}
        >
          {languages.map(({ tag, name }) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {data.privacy_url !== null && <a href={data.privacy_url}>{t('privacy_policy')}</a>}
      {data.terms_url !== null && <a href={data.terms_url}>{t('terms')}</a>}
    </footer>
  );
}

interface PageProps {
  readonly title: string;
  /** The page puts the focus on a field of its own; else it is on the heading, so that a screen reader begins there. */
  readonly focusesField?: boolean;
  readonly children: ReactNode;
}

let isFirstPage = true;

/** One page: its heading, which is also the title of the window. */
export function Page({ title, focusesField = false, children }: PageProps) {
  const { data } = usePortal();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${data.name}`;
  }, [title, data.name]);
  useEffect(() => {
    if (!isFirstPage && !focusesField) heading.current?.focus();
    isFirstPage = false;
  }, [focusesField]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}
