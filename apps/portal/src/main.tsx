import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';
import { Frame } from './frame.js';
import { SignIn } from './pages/sign-in.js';
import './portal.css';
import { opened } from './portal-data.js';
import { PortalProvider } from './portal.js';
import { startTexts } from './texts.js';
import { restoreFocus, takeTyped } from './typed.js';

/** Takes the place of the page that the gateway rendered, in one step and with what was typed into it. */
async function open(root: HTMLElement): Promise<void> {
  await startTexts(opened.language, opened.texts);
  const typed = takeTyped(root);
  flushSync(() => {
    createRoot(root).render(
      <StrictMode>
        <PortalProvider>
          <Frame>
            <SignIn typed={typed.values} />
          </Frame>
        </PortalProvider>
      </StrictMode>,
    );
  });
  root.dataset['ready'] = '';
  restoreFocus(root, typed);
}

const root = document.getElementById('root');
if (root !== null) await open(root);
