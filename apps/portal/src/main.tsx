import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';
import { App } from './app.js';
import './portal.css';
import { isEmptyWithoutScript, isSignInPage, opened } from './portal-data.js';
import { loadPages, PortalProvider } from './portal.js';
import { startTexts } from './texts.js';
import { restoreTyped, takeTyped } from './typed.js';
import { Unloaded } from './unloaded.js';

/** Takes the place of the page that the gateway rendered, in one step and with what was typed into it. */
async function open(root: HTMLElement): Promise<void> {
  const [pages] = await Promise.all([isSignInPage ? null : loadPages(opened).catch(unloaded), startTexts(opened.language, opened.texts)]);
  const typed = takeTyped(root);
  flushSync(() => {
    createRoot(root).render(
      <StrictMode>
        <PortalProvider pages={pages}>
          <App />
        </PortalProvider>
      </StrictMode>,
    );
  });
  restoreTyped(root, typed);
  root.dataset['ready'] = '';
  // Whoever signs in needs the other pages in a moment.
  if (isSignInPage) void import('./pages.js').catch(() => undefined);
}

/** The gateway's own page goes on working where there is one. */
function unloaded(reason: unknown): ReactNode {
  if (!isEmptyWithoutScript) throw reason;
  return <Unloaded />;
}

const SETTLED_MS = 10_000;

// A newer build has taken the place of the files of this page: it is opened anew. Not one that was only just opened, which would go on for ever.
window.addEventListener('vite:preloadError', () => {
  if (performance.now() > SETTLED_MS) window.location.reload();
});

const root = document.getElementById('root');
// Not awaited: pages that load later import what is in this file, and would wait for it to end while it waits for them.
if (root !== null) void open(root);
