/**
 * What several services said before they refused the same configuration, each sentence once: of equal reports one, and none
 * whose lines all stand in another. Takes and gives lists of lines.
 */
export function mergeReports(reports) {
  const kept = [];
  for (const report of [...reports].sort((a, b) => b.length - a.length)) {
    const lines = report.filter((line) => line.trim() !== '');
    if (lines.length > 0 && !kept.some((other) => lines.every((line) => other.includes(line)))) kept.push(report);
  }
  return kept.flat();
}
