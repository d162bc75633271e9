import type { Outcome } from './compare.js';
import { isReason, REASONS } from './reasons.js';

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
const line = ({ title, recorded, ours }: Outcome): string => `    ${short(title)}\n      recorded ${short(recorded)}\n      ours     ${short(ours)}`;

/** A line of figures, then every difference under its reason. */
export function report(road: string, outcomes: readonly Outcome[]): string {
  const of = (kind: Outcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind);
  const under = (head: string, lines: readonly Outcome[]) => (lines.length === 0 ? [] : [`  ${head}`, ...lines.map(line)]);
  const kinds = `${of('stricter').length} stricter by intent / ${of('other').length} other by intent / ${of('looser').length} looser`;
  const explained = [...of('stricter'), ...of('other')];
  return [
    `${road}: ${of('same').length} same / ${kinds} / ${of('unexplained').length} unexplained, of ${outcomes.length}`,
    ...Object.keys(REASONS)
      .filter(isReason)
      .flatMap((reason) =>
        under(
          `${REASONS[reason].kind}: ${REASONS[reason].because} (docs/migrating-from-authelia.md#${reason})`,
          explained.filter((outcome) => outcome.reason === reason),
        ),
      ),
    ...under('LOOSER', of('looser')),
    ...under('UNEXPLAINED', of('unexplained')),
    '',
  ].join('\n');
}
