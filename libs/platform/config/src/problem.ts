/** Where a value was written. `file` is a path, or `environment: NAME` for a variable. */
export interface Source {
  readonly file: string;
  readonly line?: number;
}

/** Places by the paths of their values. */
export type Sources = Pick<ReadonlyMap<string, Source>, 'get' | 'has'>;

/** One thing wrong with the configuration. `path` is the value's place (`session.cookies[0].domain`), '' for a whole file. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  /** What to type instead. */
  readonly fix?: string;
  /** The place that was most likely meant, which only seems to be empty. */
  readonly meant?: string;
}

/** True when the configuration must not be used. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

/** Gives each problem the file and line of its value, or of the nearest value around it. */
export function locateProblems(problems: readonly Problem[], sources: Sources): Problem[] {
  return problems.map((problem) => (problem.file === undefined ? { ...problem, ...nearestSource(problem.path, sources) } : problem));
}

/**
 * One report in the order of the files: located, without what only follows from an earlier error (at the same place, around it where
 * the value was taken out, or in a file that could not be read and may hold what is missing).
 */
export function reportProblems(problems: readonly Problem[], sources: Sources): Problem[] {
  const isIncomplete = problems.some(isUnreadFile);
  const failed: string[] = [];
  const kept = locateProblems(problems, sources).filter((problem, index) => {
    if (problem.path === '') return true;
    if (isIncomplete && problems[index]?.file === undefined && !sources.has(problem.path)) return false;
    if (failed.some((path) => path === problem.path || (!sources.has(path) && isBelow(problem.path, path)))) return false;
    if (problem.severity === 'error') failed.push(problem.path);
    if (problem.meant !== undefined) failed.push(problem.meant);
    return true;
  });
  const files = [...new Set(kept.map((problem) => problem.file ?? ''))];
  const place = (problem: Problem): number => files.indexOf(problem.file ?? '') * 1e9 + (problem.line ?? 0);
  return kept.sort((left, right) => place(left) - place(right));
}

function isUnreadFile({ severity, path, file }: Problem): boolean {
  return severity === 'error' && path === '' && file !== undefined && !file.startsWith('environment: ');
}

function isBelow(path: string, parent: string): boolean {
  return path.startsWith(parent) && ['.', '['].includes(path.charAt(parent.length));
}

/** The report for people (text) or for scripts (json). */
export function formatProblems(problems: readonly Problem[], format: 'text' | 'json' = 'text'): string {
  if (format === 'json') return JSON.stringify(problems, undefined, 2);
  return problems.map(formatProblem).join('\n');
}

function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line].filter((part) => part !== undefined).join(':');
  const where = [place, problem.path].filter((part) => part !== '').join('  ');
  return [`${problem.severity}: ${where === '' ? 'configuration' : where}`, ...indented(problem.message, 4), ...indented(problem.fix, 6)].join('\n');
}

function indented(text: string | undefined, spaces: number): string[] {
  return text === undefined ? [] : text.split('\n').map((line) => ' '.repeat(spaces) + line);
}

function nearestSource(path: string, sources: Sources): Source | undefined {
  for (let at = path; at !== ''; at = at.replace(/(?:^|\.)[^.[\]]*$|\[\d+\]$/u, '')) {
    const source = sources.get(at);
    if (source !== undefined) return source;
  }
  return undefined;
}
