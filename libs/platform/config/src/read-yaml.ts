import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type Alias, type Document, LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Scalar } from 'yaml';
import { type FileFilter, type Filtered, unfiltered } from './filters.js';
import { locatedMap, plain, sourcesOf, type Located, type LocatedMap } from './located.js';
import type { Problem, Source } from './problem.js';
import { surveyYaml, type YamlSurvey } from './survey-yaml.js';

/** A YAML file as plain values, with the line of each. */
export interface YamlFile {
  /** An empty object where the file cannot be read. */
  readonly tree: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  readonly sources: ReadonlyMap<string, Source>;
}

/** The line of the file that an offset in the text comes from. */
type Lines = (offset: number) => number;

/** Enough for any real file; an alias bomb passes it at once. */
const MOST_VALUES = 500_000;

/** Reads one YAML file for a schema of the caller's; what is wrong with the file itself is among the problems. */
export function readYaml(file: string): YamlFile {
  const { map, problems, empty } = readLocatedYaml(file);
  const tree = plain(map);
  return { tree: isRecord(tree) ? tree : {}, problems: [...problems, ...empty], sources: sourcesOf(map) };
}

export interface LocatedYaml {
  readonly map: LocatedMap;
  readonly problems: readonly Problem[];
  /** A warning for each key with nothing behind it that is taken as not there. */
  readonly empty: readonly Problem[];
}

/** The file as located values; an empty map where it cannot be read. */
export function readLocatedYaml(file: string, filter: FileFilter = unfiltered): LocatedYaml {
  const filtered = readFiltered(file, filter);
  if (filtered.problems.some(({ severity }) => severity === 'error')) return { map: locatedMap({ file }), problems: filtered.problems, empty: [] };
  try {
    const read = parseLocatedYaml(filtered.text, file, filtered.lineOf);
    return { ...read, problems: [...filtered.problems, ...read.problems] };
  } catch (cause) {
    return { map: locatedMap({ file }), problems: [...filtered.problems, unread(file, cause)], empty: [] };
  }
}

/** The text of a file behind the filters; empty, with an error, where it cannot be read. */
export function readFiltered(file: string, filter: FileFilter): Filtered {
  try {
    return filter(readFileSync(file, 'utf8'), file);
  } catch (cause) {
    return { ...unfiltered(''), problems: [unread(file, cause)] };
  }
}

function unread(file: string, cause: unknown): Problem {
  const problem = { severity: 'error', path: '', file } as const;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return { ...problem, message: 'the file is not there', fix: whereFrom(file) };
  if (code === 'EACCES')
    return { ...problem, message: 'the file may not be read by this user', fix: 'do this as the user whose file it is (sudo -u …)' };
  return { ...problem, message: `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}` };
}

function whereFrom(file: string): string {
  const place = isAbsolute(file)
    ? 'write where it lies on this machine'
    : `it is looked for in ${process.cwd()}: write its whole path; --config FILE names the configuration`;
  return file.startsWith('/config/') ? `${place}; /config is what a container sees` : place;
}

export function parseLocatedYaml(text: string, file: string, lineOf: Filtered['lineOf'] = (line) => line): LocatedYaml {
  const counter = new LineCounter();
  const lines: Lines = (offset) => lineOf(counter.linePos(offset).line);
  const documents = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, logLevel: 'silent', uniqueKeys: false });
  const document = documents[0];
  const empty = locatedMap({ file, line: 1 });
  if (document === undefined || !('contents' in document)) return { map: empty, problems: [], empty: [] };
  const survey = surveyYaml(document.contents, text);
  const problems = yamlProblems(document, survey, file, lines);
  const second = documents[1];
  if (second !== undefined) problems.push(secondDocument(second, file, lines));
  if (problems.some((problem) => problem.severity === 'error')) return { map: empty, problems, empty: [] };
  const reader = new YamlReader(survey, file, lines);
  const root = reader.read(document.contents, empty.source);
  if (root === undefined) return { map: empty, problems, empty: [] };
  if (root.type === 'map') return { map: root, problems: [...problems, ...reader.emptyInEntries], empty: reader.empty };
  return {
    map: empty,
    empty: [],
    problems: [...problems, { severity: 'error', path: '', ...root.source, message: 'the file must hold keys and values (`key: value`)' }],
  };
}

function yamlProblems(document: Document.Parsed, survey: YamlSurvey, file: string, lines: Lines): Problem[] {
  const found = [
    ...document.errors.map(({ code, pos, message }) => ({
      at: pos[0],
      message: `not YAML: ${message}`,
      severity: 'error' as const,
      fix: fixOf(code),
    })),
    ...survey.duplicateKeys.map((at) => ({
      at,
      message: 'not YAML: Map keys must be unique',
      severity: 'error' as const,
      fix: 'remove one of the two',
    })),
    ...survey.lostAliases.map(lostAlias),
    ...survey.commentedValues.map(({ key, at, text }) => ({
      at,
      message: `${key} has no value: what stands behind a # is a comment`,
      severity: 'warning' as const,
      fix: `put it in quotes: ${key}: '#${text}'`,
    })),
    ...document.warnings.map(({ pos, message }) => ({ at: pos[0], message: `not YAML: ${message}`, severity: 'warning' as const, fix: LOOK })),
  ];
  return found.map(({ at, ...problem }) => ({ ...problem, path: '', file, line: lines(at) }));
}

const LOOK = 'look at the quotes and the indentation of this line and the one above';

/** `@`, `%` and a backtick begin no plain value. */
const fixOf = (code: string): string => (code === 'BAD_SCALAR_START' ? 'put the value in quotes' : LOOK);

function lostAlias({ source, range }: Alias) {
  const message = `*${source} begins with a *, which stands for another part of the file, and there is no &${source}`;
  return { at: range?.[0] ?? 0, message, severity: 'error' as const, fix: `put it in quotes: '*${source}'` };
}

function secondDocument(document: Document.Parsed, file: string, lines: Lines): Problem {
  const line = lines(document.range[0]);
  return {
    severity: 'warning',
    path: '',
    file,
    line,
    message: 'only what stands before the second `---` counts',
    fix: 'put it into a file of its own, or take the `---` away',
  };
}

class YamlReader {
  /** What a rule with `subject:` and nothing behind it meant cannot be guessed: without its subject it would be everybody's. */
  readonly emptyInEntries: Problem[] = [];
  readonly empty: Problem[] = [];
  private values = 0;
  private entriesAround = 0;

  constructor(
    private readonly survey: YamlSurvey,
    private readonly file: string,
    private readonly lines: Lines,
  ) {}

  /** Nothing for null: `rules:` with nothing behind it is a key that is not there. */
  read(node: unknown, place: Source): Located | undefined {
    this.values += 1;
    if (this.values > MOST_VALUES) throw new Error(`more than ${MOST_VALUES} values`);
    if (isAlias(node)) return this.read(this.survey.targets.get(node), place);
    if (isMap(node)) return this.readMap(node.items, place);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.readItem(item, place));
      return { type: 'list', items, source: place };
    }
    if (!isScalar(node) || node.value === null) return undefined;
    return { type: 'scalar', value: scalarValue(node), source: place };
  }

  /** An entry with nothing behind its `- ` keeps its place in the list. */
  private readItem(item: unknown, list: Source): Located {
    const source = this.placeOf(item, list);
    this.entriesAround += 1;
    const read = this.read(item, source) ?? { type: 'scalar', value: null, source };
    this.entriesAround -= 1;
    return read;
  }

  private readMap(pairs: readonly { readonly key: unknown; readonly value: unknown }[], place: Source): LocatedMap {
    const own = locatedMap(place);
    const merged = locatedMap(place);
    for (const { key, value } of pairs) {
      const source = this.placeOf(key, place);
      const name = isScalar(key) ? String(key.value) : String(key);
      const read = this.read(value, source);
      if (read === undefined) {
        this.tellEmpty(name, source);
        continue;
      }
      if (name === '<<') this.mergeKey(merged, read);
      else own.entries.set(name, read);
    }
    for (const [name, value] of merged.entries) if (!own.entries.has(name)) own.entries.set(name, value);
    return own;
  }

  private tellEmpty(name: string, source: Source): void {
    const fix = 'write its value, or take the key out';
    if (this.entriesAround > 0) this.emptyInEntries.push({ severity: 'error', path: '', ...source, message: `'${name}' has nothing behind it`, fix });
    else this.empty.push({ severity: 'warning', path: '', ...source, message: `'${name}' has nothing behind it: it counts as not written`, fix });
  }

  /** `<<`: of several maps the first wins, and all of them lose to the map's own keys. */
  private mergeKey(merged: LocatedMap, value: Located): void {
    const maps = value.type === 'list' ? value.items : [value];
    for (const map of maps) {
      if (map.type !== 'map') continue;
      for (const [name, entry] of map.entries) if (!merged.entries.has(name)) merged.entries.set(name, entry);
    }
  }

  private placeOf(node: unknown, around: Source): Source {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
    return range == null ? around : { file: this.file, line: this.lines(range[0]) };
  }
}

/** A number whose text would be lost (`007`, `0x1F`, `1e5`, too long) stays the text that was written. */
function scalarValue(node: Scalar): unknown {
  if (typeof node.value !== 'number' || node.source === undefined) return node.value;
  return /^[-+]?(?:0\d|0[xo]|\d+$|.*e)/iu.test(node.source) && String(node.value) !== node.source ? node.source : node.value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
