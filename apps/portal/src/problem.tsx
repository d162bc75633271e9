import type { Problem as Told } from './use-submit.js';
import { useTexts } from './texts.js';

/** What went wrong with what was just tried, read out at once. */
export function Problem({ problem }: { readonly problem: Told | null }) {
  const { t } = useTexts();
  return (
    problem !== null && (
      <p className="problem" role="alert">
        {t(problem.text, problem.values)}
      </p>
    )
  );
}
