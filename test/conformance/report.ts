import type { Outcome } from './compare.js';
import { type Reason, REASONS } from './reasons.js';

const line = ({ title, recorded, ours }: Outcome): string =>
  `    ${title.length > 150 ? `${title.slice(0, 150)}…` : title}\n      recorded ${recorded}\n      ours     ${ours}`;

/** A line of figures, then every difference under its reason. */
export function report(road: string, outcomes: readonly Outcome[]): string {
  const of = (kind: Outcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind);
  const figures = `${road}: ${of('same').length} same / ${of('stricter').length} stricter by intent / ${of('looser').length} looser`;
  const reasons = (Object.keys(REASONS) as Reason[]).flatMap((reason) => {
    const lines = of('stricter').filter((outcome) => outcome.reason === reason);
    return lines.length === 0 ? [] : [`  stricter: ${REASONS[reason]} (docs/migrating-from-authelia.md#${reason})`, ...lines.map(line)];
  });
  const wrong = (['looser', 'unexplained'] as const).flatMap((kind) => {
    const lines = of(kind);
    return lines.length === 0 ? [] : [`  ${kind.toUpperCase()}`, ...lines.map(line)];
  });
  return [`${figures} / ${of('unexplained').length} unexplained, of ${outcomes.length}`, ...reasons, ...wrong, ''].join('\n');
}
