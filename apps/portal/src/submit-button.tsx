import type { ReactNode } from 'react';

/** The one action of a page. While it is under way it keeps its place, its width and the focus. */
export function SubmitButton({ busy, children }: { readonly busy: boolean; readonly children: ReactNode }) {
  return (
    <button className="primary" aria-disabled={busy} aria-busy={busy}>
      {children}
    </button>
  );
}
