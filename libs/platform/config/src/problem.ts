/** Where a value was written. `file` is a path, or `environment: NAME` for a variable. */
export interface Source {
  readonly file: string;
  readonly line?: number;
}

export type Sources = ReadonlyMap<string, Source>;

/** One thing wrong with the configuration. `path` is the value's place (`session.cookies[0].domain`), '' for a whole file. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  /** What to type instead. */
  readonly fix?: string;
}

/** True when the configuration must not be used. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

/** Gives each problem the file and line of its value, or of the nearest value around it. */
export function locateProblems(problems: readonly Problem[], sources: Sources): Problem[] {
  return problems.map((problem) => (problem.file === undefined ? { ...problem, ...nearestSource(problem.path, sources) } : problem));
}

/** One report: located, without what only follows from an earlier error at the same place or around it, in the order of the files. */
export function reportProblems(problems: readonly Problem[], sources: Sources): Problem[] {
  const failed: string[] = [];
  const kept = locateProblems(problems, sources).filter((problem) => {
    if (problem.path === '') return true;
    if (failed.some((path) => isAtOrBelow(problem.path, path))) return false;
    if (problem.severity === 'error') failed.push(problem.path);
    return true;
  });
  const files = [...new Set(kept.map((problem) => problem.file ?? ''))];
  const place = (problem: Problem): number => files.indexOf(problem.file ?? '') * 1e9 + (problem.line ?? 0);
  return kept.sort((left, right) => place(left) - place(right));
}

function isAtOrBelow(path: string, parent: string): boolean {
  return path.startsWith(parent) && ['', '.', '['].includes(path.charAt(parent.length));
}

/** The report for people (text) or for scripts (json). */
export function formatProblems(problems: readonly Problem[], format: 'text' | 'json' = 'text'): string {
  if (format === 'json') return JSON.stringify(problems, undefined, 2);
  return problems.map(formatProblem).join('\n');
}

function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line].filter((part) => part !== undefined).join(':');
  const where = [place, problem.path].filter((part) => part !== '').join('  ');
  const fix = problem.fix === undefined ? [] : problem.fix.split('\n').map((line) => `      ${line}`);
  return [`${problem.severity}: ${where === '' ? 'configuration' : where}`, `    ${problem.message}`, ...fix].join('\n');
}

function nearestSource(path: string, sources: Sources): Source | undefined {
  for (let at = path; at !== ''; at = at.replace(/(?:^|\.)[^.[\]]*$|\[\d+\]$/u, '')) {
    const source = sources.get(at);
    if (source !== undefined) return source;
  }
  return undefined;
}
