import { atLine, TemplateError } from './template-error.js';

export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** `variable` null: the dot; '': the dollar sign, the data the template was given. */
  | { readonly kind: 'path'; readonly variable: string | null; readonly fields: readonly string[] }
  | { readonly kind: 'call'; readonly pipeline: Pipeline; readonly fields: readonly string[] };
export interface Command {
  readonly name: string | null;
  readonly operands: readonly Operand[];
}
export type Pipeline = readonly Command[];

/** `line` is where in the template it stands, from 1. */
export type Node = { readonly line: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipeline: Pipeline }
  | { readonly kind: 'break' | 'continue' }
  /** `declares`: a new variable of this block (`:=`), not another value of one there is (`=`). */
  | { readonly kind: 'assign'; readonly variable: string; readonly declares: boolean; readonly pipeline: Pipeline }
  | { readonly kind: 'if' | 'with'; readonly pipeline: Pipeline; readonly then: readonly Node[]; readonly otherwise: readonly Node[] }
  | {
      readonly kind: 'range';
      readonly key: string | null;
      readonly value: string | null;
      readonly pipeline: Pipeline;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
    }
);

const ACTION = /\{\{(?<trimsLeft>-(?=\s))?(?<action>(?:"(?:\\.|[^"\\])*"|`[^`]*`|\/\*[\s\S]*?\*\/|(?!\}\})[^"`])*?)(?<trimsRight>(?<=\s)-)?\}\}/gu;
const TOKEN =
  /"(?:\\.|[^"\\])*"|`[^`]*`|\$?(?:\.[A-Za-z_]\w*)+|\$\w*(?:\.[A-Za-z_]\w*)*|\.|-?\d+(?:\.\d+)?|:=|=|\)(?:\.[A-Za-z_]\w*)*|[|(,]|[A-Za-z_]\w*/gu;
const VARIABLE = /^\$\w+$/u;
const SPACE = ' \t\r\n';

interface Text {
  readonly line: number;
  readonly text: string;
}
interface Action {
  readonly line: number;
  readonly tokens: readonly string[];
}

/** Reads text, fields, variables, if, with, range and pipelines as Go does (https://pkg.go.dev/text/template). Throws TemplateError. */
export function parseTemplate(source: string): readonly Node[] {
  const parser = new Parser(piecesOf(source));
  const nodes = parser.nodes();
  parser.expectEnd();
  return nodes;
}

function piecesOf(source: string): readonly (Text | Action)[] {
  const pieces: (Text | Action)[] = [];
  let at = 0;
  let line = 1;
  let trims = false;
  const addText = (text: string, trimsRight: boolean): void => {
    if (text.includes('{{')) throw openAction(text, line);
    const from = trims ? spaceBefore(text) : 0;
    const trimmed = trimsRight ? withoutSpaceBehind(text.slice(from)) : text.slice(from);
    if (trimmed !== '') pieces.push({ line: line + newlinesIn(text.slice(0, from)), text: trimmed });
  };
  for (const match of source.matchAll(ACTION)) {
    const before = source.slice(at, match.index);
    addText(before, match.groups?.['trimsLeft'] !== undefined);
    line += newlinesIn(before);
    const action = (match.groups?.['action'] ?? '').trim();
    if (!/^\/\*[\s\S]*\*\/$/u.test(action)) pieces.push({ line, tokens: atLine(line, () => tokensOf(action)) });
    line += newlinesIn(match[0]);
    trims = match.groups?.['trimsRight'] !== undefined;
    at = match.index + match[0].length;
  }
  addText(source.slice(at), false);
  return pieces;
}

function openAction(text: string, line: number): TemplateError {
  const start = text.indexOf('{{');
  return new TemplateError(`'{{' without '}}': ${text.slice(start, start + 40)}`, { line: line + newlinesIn(text.slice(0, start)) });
}

function newlinesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function spaceBefore(text: string): number {
  let length = 0;
  while (length < text.length && SPACE.includes(text.charAt(length))) length += 1;
  return length;
}

function withoutSpaceBehind(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function tokensOf(action: string): readonly string[] {
  const rest = action.replace(TOKEN, '').trim();
  if (rest !== '') throw new TemplateError(`'${rest}' is not understood in '{{ ${action} }}'`);
  return action.match(TOKEN) ?? [];
}

class Parser {
  readonly #pieces: readonly (Text | Action)[];
  #at = 0;

  constructor(pieces: readonly (Text | Action)[]) {
    this.#pieces = pieces;
  }

  /** Up to an `else` or `end`, which is left standing. */
  nodes(): readonly Node[] {
    const nodes: Node[] = [];
    for (let piece = this.#pieces[this.#at]; piece !== undefined; piece = this.#pieces[this.#at]) {
      if ('tokens' in piece && (piece.tokens[0] === 'end' || piece.tokens[0] === 'else')) break;
      this.#at += 1;
      nodes.push(this.#node(piece));
    }
    return nodes;
  }

  expectEnd(): void {
    const left = this.#pieces[this.#at];
    if (left !== undefined) throw new TemplateError("'else' or 'end' belongs to nothing", { line: left.line });
  }

  #node(piece: Text | Action): Node {
    if ('text' in piece) return { kind: 'text', ...piece };
    return atLine(piece.line, () => this.#action(piece));
  }

  #action({ tokens, line }: Action): Node {
    const [first = '', second = ''] = tokens;
    if (first === 'if' || first === 'with') return this.#branch(first, tokens.slice(1), line);
    if (first === 'range') return this.#range(tokens.slice(1), line);
    if ((first === 'break' || first === 'continue') && tokens.length === 1) return { kind: first, line };
    if (VARIABLE.test(first) && (second === ':=' || second === '='))
      return { kind: 'assign', line, variable: first.slice(1), declares: second === ':=', pipeline: parsePipeline(tokens.slice(2)) };
    return { kind: 'output', line, pipeline: parsePipeline(tokens) };
  }

  #branch(kind: 'if' | 'with', tokens: readonly string[], line: number): Node {
    const pipeline = parsePipeline(tokens);
    const then = this.nodes();
    const end = this.#closing(kind);
    // `else if` ends with the same `end` as its `if`.
    const [, next] = end.tokens;
    if (next === 'if' || next === 'with')
      return { kind, line, pipeline, then, otherwise: [atLine(end.line, () => this.#branch(next, end.tokens.slice(2), end.line))] };
    return { kind, line, pipeline, then, otherwise: end.tokens[0] === 'else' ? this.#otherwise(kind) : [] };
  }

  #range(tokens: readonly string[], line: number): Node {
    const assignment = tokens.indexOf(':=');
    const names = tokens
      .slice(0, Math.max(0, assignment))
      .filter((token) => VARIABLE.test(token))
      .map((token) => token.slice(1));
    const pipeline = parsePipeline(tokens.slice(assignment + 1));
    const [key = null, value = null] = names.length === 1 ? [null, ...names] : names;
    const then = this.nodes();
    const end = this.#closing('range');
    return { kind: 'range', line, key, value, pipeline, then, otherwise: end.tokens[0] === 'else' ? this.#otherwise('range') : [] };
  }

  #otherwise(kind: string): readonly Node[] {
    const nodes = this.nodes();
    const end = this.#closing(kind);
    if (end.tokens[0] !== 'end') throw new TemplateError(`two 'else' in one '${kind}'`, { line: end.line });
    return nodes;
  }

  #closing(kind: string): Action {
    const piece = this.#pieces[this.#at];
    this.#at += 1;
    if (piece === undefined || !('tokens' in piece)) throw new TemplateError(`'${kind}' has no 'end'`);
    return piece;
  }
}

function parsePipeline(tokens: readonly string[]): Pipeline {
  const rest = [...tokens];
  const pipeline = readPipeline(rest);
  if (rest.length > 0) throw new TemplateError(`'${rest[0] ?? ''}' is not understood in '{{ ${tokens.join(' ')} }}'`);
  return pipeline;
}

/** Takes what it reads from the front of `tokens`. */
function readPipeline(tokens: string[]): Pipeline {
  const commands: Command[] = [];
  do {
    const name = isName(tokens[0]) ? (tokens.shift() ?? null) : null;
    const operands: Operand[] = [];
    while (tokens[0] !== undefined && tokens[0] !== '|' && !tokens[0].startsWith(')')) operands.push(readOperand(tokens));
    if (name === null && operands.length !== 1) throw new TemplateError('a value or a function is missing');
    commands.push({ name, operands });
  } while (tokens[0] === '|' && tokens.shift() !== undefined);
  return commands;
}

const CONSTANTS = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['nil', null],
]);
const isName = (token = ''): boolean => /^[A-Za-z_]\w*$/u.test(token) && !CONSTANTS.has(token);

function readOperand(tokens: string[]): Operand {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const pipeline = readPipeline(tokens);
    const end = tokens.shift();
    if (end === undefined || !end.startsWith(')')) throw new TemplateError("'(' without ')'");
    return { kind: 'call', pipeline, fields: fieldsOf(end.slice(1)) };
  }
  // A function without operands may be one itself: `default now "x"`.
  if (isName(token)) return { kind: 'call', pipeline: [{ name: token, operands: [] }], fields: [] };
  const constant = CONSTANTS.get(token);
  if (constant !== undefined) return { kind: 'literal', value: constant };
  if (token.startsWith('`')) return { kind: 'literal', value: token.slice(1, -1) };
  if (token.startsWith('"')) return { kind: 'literal', value: unquote(token) };
  if (/^-?\d/u.test(token)) return { kind: 'literal', value: Number(token) };
  if (!token.startsWith('.') && !token.startsWith('$')) throw new TemplateError(`'${token}' is not understood`);
  const [variable = ''] = token.split('.');
  return { kind: 'path', variable: token.startsWith('$') ? variable.slice(1) : null, fields: fieldsOf(token.slice(variable.length)) };
}

const fieldsOf = (path: string): readonly string[] => path.split('.').filter((part) => part !== '');

function unquote(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch (cause) {
    throw new TemplateError(`${token} is not a text`, { cause });
  }
}
