import { diffArrays } from 'diff';

/**
 * Takes what differs between `before` and `after`, which are laid out alike, over into the text as a person laid it out: lines count as
 * the same whatever their spaces and quotes. Whether it means the same is for the caller to check.
 */
export function keepLayout(text: string, before: string, after: string): string {
  const own = text.split('\n');
  const laidOut = before.split('\n');
  const places = placesOf(own, laidOut);
  const lines: string[] = [];
  const ending = text.includes('\r\n') ? '\r' : '';
  let at = 0;
  let next = 0;
  for (const { value, added, removed } of diffArrays(laidOut, after.split('\n'))) {
    if (added) {
      const end = at;
      lines.push(...value.map((line) => shifted(line, end, own, laidOut, places) + ending));
      continue;
    }
    for (let count = 0; count < value.length; count += 1, at += 1) {
      const place = places[at];
      if (place === undefined) continue;
      // Lines of the text alone, such as a second empty one.
      lines.push(...own.slice(next, place));
      if (!removed) lines.push(own[place] ?? '');
      next = place + 1;
    }
  }
  return [...lines, ...own.slice(next)].join('\n');
}

/** For each line that was laid out, where it stands in the text. */
function placesOf(own: readonly string[], laidOut: readonly string[]): readonly (number | undefined)[] {
  const places: (number | undefined)[] = [];
  let at = 0;
  for (const { value, added, removed } of diffArrays([...own], [...laidOut], { comparator: (left, right) => essence(left) === essence(right) })) {
    for (let count = 0; count < value.length; count += 1) {
      if (!removed) places.push(added ? undefined : at);
      if (!added) at += 1;
    }
  }
  return places;
}

const essence = (line: string): string => line.replace(/[\s"']/gu, '');
const indentOf = (line: string): number => line.length - line.trimStart().length;

/** A new line, as far to the right as its neighbours in the text are: those before it that do not stand deeper. */
function shifted(line: string, end: number, own: readonly string[], laidOut: readonly string[], places: readonly (number | undefined)[]): string {
  for (let at = end - 1; at >= 0; at -= 1) {
    const neighbour = laidOut[at] ?? '';
    const place = places[at];
    if (place === undefined || neighbour.trim() === '' || indentOf(neighbour) > indentOf(line)) continue;
    return ' '.repeat(Math.max(0, indentOf(line) + indentOf(own[place] ?? '') - indentOf(neighbour))) + line.trimStart();
  }
  return line;
}
