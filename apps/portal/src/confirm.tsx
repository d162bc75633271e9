import { Dialog } from './dialog.js';
import { Problem } from './problem.js';
import { SubmitButton } from './submit-button.js';
import type { Problem as Told } from './use-submit.js';

interface ConfirmProps {
  readonly title: string;
  readonly explain: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly busy: boolean;
  readonly problem: Told | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks once more, by one button that says what it does. */
export function Confirm({ title, explain, action, busy, problem, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{explain}</p>
      <Problem problem={problem} />
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <SubmitButton busy={busy}>{action}</SubmitButton>
      </form>
    </Dialog>
  );
}
