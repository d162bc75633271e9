import { isPlaceholder } from './placeholders.js';

/** Shaped as the problems of platform-config, whose `reportProblems` adds file and line. */
export interface ConfigurationProblem {
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly message: string;
  readonly fix?: string;
}

/** What parsing must be told besides the tree. */
export interface ParseContext {
  /** Where the configuration lies, for files that stand beside it. */
  readonly directory: string;
  /** A fresh random secret, for people to paste. */
  readonly makeSecret: () => string;
}

/** Collects what is wrong; a section goes on after an error, so that one run names them all. */
export class Report {
  readonly problems: ConfigurationProblem[] = [];

  readonly context: ParseContext;

  constructor(context: ParseContext) {
    this.context = context;
  }

  error(path: string, message: string, fix?: string): void {
    this.problems.push({ severity: 'error', path, message, ...(fix === undefined ? {} : { fix }) });
  }

  warning(path: string, message: string, fix?: string): void {
    this.problems.push({ severity: 'warning', path, message, ...(fix === undefined ? {} : { fix }) });
  }

  get errorCount(): number {
    return this.problems.filter((problem) => problem.severity === 'error').length;
  }

  /** A secret of ours: not a placeholder, not shorter than it must be; the error carries a new one to paste. */
  secret(path: string, value: string, leastLength = 0): void {
    if (isPlaceholder(value)) this.error(path, `${path} is still the example's placeholder, which everybody knows`, this.freshSecret(path));
    else if (value === '') this.error(path, `${path} is empty`, this.freshSecret(path));
    else if (value.length < leastLength) this.error(path, `${path} must have at least ${leastLength} characters`, this.freshSecret(path));
  }

  /** A password that another server shares with us. */
  sharedPassword(path: string, value: string | undefined, server: string): void {
    if (value === undefined || !isPlaceholder(value)) return;
    this.error(
      path,
      `${path} is still the example's placeholder, which everybody knows`,
      `give ${server} a password of its own and write the same here, for instance a fresh one:\n${leaf(path)}: ${this.context.makeSecret()}`,
    );
  }

  freshSecret(path: string): string {
    return `paste this one, made just now:\n${leaf(path)}: ${this.context.makeSecret()}`;
  }
}

const leaf = (path: string): string =>
  path
    .split('.')
    .at(-1)
    ?.replace(/\[\d+\]$/u, '') ?? path;
