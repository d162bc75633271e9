import { Activity } from 'react';
import { Frame } from './frame.js';
import { SignIn } from './pages/sign-in.js';
import { usePortal } from './portal.js';

/** The sign-in page while there is nothing else, and in front of a page whose session ended; that page waits behind it as it was. */
export function App() {
  const { pages, expired } = usePortal();
  return (
    <Frame>
      {pages !== null && <Activity mode={expired ? 'hidden' : 'visible'}>{pages}</Activity>}
      {(pages === null || expired) && <SignIn />}
    </Frame>
  );
}
