/** The name that was most likely meant: the same in other letters, or a slip or two away. Null where none is near. */
export function nearest(name: string, known: readonly string[]): string | null {
  const folded = name.toLowerCase();
  const ranked = known.map((other) => ({ other, slips: slipsBetween(folded, other.toLowerCase()) }));
  const [best] = ranked.sort((a, b) => a.slips - b.slips);
  return best !== undefined && best.slips <= Math.min(2, Math.floor(name.length / 3)) ? best.other : null;
}

/** Letters added, left out, mistaken, or swapped with the next. */
function slipsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const mistaken = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(mistaken, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
