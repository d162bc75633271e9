/** A template that cannot be read, or asks for what is not there. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code = 'TEMPLATE';
}

export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** `name` null: the dot; '' : the dollar sign, the data the template was given. */
  | { readonly kind: 'path'; readonly variable: string | null; readonly fields: readonly string[] }
  | { readonly kind: 'call'; readonly pipeline: Pipeline };
export interface Command {
  readonly name: string | null;
  readonly operands: readonly Operand[];
}
export type Pipeline = readonly Command[];

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipeline: Pipeline }
  | { readonly kind: 'assign'; readonly variable: string; readonly pipeline: Pipeline }
  | { readonly kind: 'if' | 'with'; readonly pipeline: Pipeline; readonly then: readonly Node[]; readonly otherwise: readonly Node[] }
  | {
      readonly kind: 'range';
      readonly key: string | null;
      readonly value: string | null;
      readonly pipeline: Pipeline;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
    };

const ACTION = /\{\{(?<trimsLeft>-(?=\s))?(?<action>(?:"(?:\\.|[^"\\])*"|`[^`]*`|\/\*[\s\S]*?\*\/|(?!\}\})[^"`])*?)(?<trimsRight>(?<=\s)-)?\}\}/gu;
const TOKEN = /"(?:\\.|[^"\\])*"|`[^`]*`|\$?(?:\.[A-Za-z_]\w*)+|\$\w*(?:\.[A-Za-z_]\w*)*|\.|-?\d+|:=|[|(),]|[A-Za-z_]\w*/gu;
const VARIABLE = /^\$\w+$/u;

type Piece = { readonly text: string } | { readonly tokens: readonly string[] };

/** The part of Go's text/template that mails need: fields, variables, if, with, range, pipelines (https://pkg.go.dev/text/template). Throws TemplateError. */
export function parseTemplate(source: string): readonly Node[] {
  const parser = new Parser(piecesOf(source));
  const nodes = parser.nodes();
  parser.expectEnd();
  return nodes;
}

function piecesOf(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trims = false;
  const addText = (text: string): void => {
    if (text.includes('{{')) throw new TemplateError(`'{{' without '}}': ${text.slice(text.indexOf('{{')).slice(0, 40)}`);
    pieces.push({ text: trims ? text.trimStart() : text });
  };
  for (const match of source.matchAll(ACTION)) {
    const before = source.slice(at, match.index);
    addText(match.groups?.['trimsLeft'] === undefined ? before : before.trimEnd());
    const action = (match.groups?.['action'] ?? '').trim();
    if (!/^\/\*[\s\S]*\*\/$/u.test(action)) pieces.push({ tokens: tokensOf(action) });
    trims = match.groups?.['trimsRight'] !== undefined;
    at = match.index + match[0].length;
  }
  addText(source.slice(at));
  return pieces;
}

function tokensOf(action: string): readonly string[] {
  const rest = action.replace(TOKEN, '').trim();
  if (rest !== '') throw new TemplateError(`'${rest}' is not understood in '{{ ${action} }}'`);
  return action.match(TOKEN) ?? [];
}

class Parser {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Up to an `else` or `end`, which is left standing. */
  nodes(): readonly Node[] {
    const nodes: Node[] = [];
    for (let piece = this.#pieces[this.#at]; piece !== undefined; piece = this.#pieces[this.#at]) {
      if ('tokens' in piece && (piece.tokens[0] === 'end' || piece.tokens[0] === 'else')) break;
      this.#at += 1;
      nodes.push('text' in piece ? { kind: 'text', text: piece.text } : this.#action(piece.tokens));
    }
    return nodes;
  }

  expectEnd(): void {
    if (this.#at < this.#pieces.length) throw new TemplateError("'else' or 'end' belongs to nothing");
  }

  #action(tokens: readonly string[]): Node {
    const [first = '', second = ''] = tokens;
    if (first === 'if' || first === 'with') return this.#branch(first, tokens.slice(1));
    if (first === 'range') return this.#range(tokens.slice(1));
    if (VARIABLE.test(first) && second === ':=') return { kind: 'assign', variable: first.slice(1), pipeline: parsePipeline(tokens.slice(2)) };
    return { kind: 'output', pipeline: parsePipeline(tokens) };
  }

  #branch(kind: 'if' | 'with', tokens: readonly string[]): Node {
    const pipeline = parsePipeline(tokens);
    const then = this.nodes();
    const end = this.#closing(kind);
    // `else if` ends with the same `end` as its `if`.
    if (end.length > 1 && (end[1] === 'if' || end[1] === 'with')) return { kind, pipeline, then, otherwise: [this.#branch(end[1], end.slice(2))] };
    return { kind, pipeline, then, otherwise: end[0] === 'else' ? this.#otherwise(kind) : [] };
  }

  #range(tokens: readonly string[]): Node {
    const assignment = tokens.indexOf(':=');
    const names = tokens
      .slice(0, Math.max(0, assignment))
      .filter((token) => VARIABLE.test(token))
      .map((token) => token.slice(1));
    const pipeline = parsePipeline(tokens.slice(assignment + 1));
    const [key = null, value = null] = names.length === 1 ? [null, ...names] : names;
    const then = this.nodes();
    const end = this.#closing('range');
    return { kind: 'range', key, value, pipeline, then, otherwise: end[0] === 'else' ? this.#otherwise('range') : [] };
  }

  #otherwise(kind: string): readonly Node[] {
    const nodes = this.nodes();
    if (this.#closing(kind)[0] !== 'end') throw new TemplateError(`two 'else' in one '${kind}'`);
    return nodes;
  }

  #closing(kind: string): readonly string[] {
    const piece = this.#pieces[this.#at];
    this.#at += 1;
    if (piece === undefined || !('tokens' in piece)) throw new TemplateError(`'${kind}' has no 'end'`);
    return piece.tokens;
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
    const name = /^[A-Za-z_]\w*$/u.test(tokens[0] ?? '') && !CONSTANTS.has(tokens[0] ?? '') ? (tokens.shift() ?? null) : null;
    const operands: Operand[] = [];
    while (tokens.length > 0 && tokens[0] !== '|' && tokens[0] !== ')') operands.push(readOperand(tokens));
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

function readOperand(tokens: string[]): Operand {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const pipeline = readPipeline(tokens);
    if (tokens.shift() !== ')') throw new TemplateError("'(' without ')'");
    return { kind: 'call', pipeline };
  }
  const constant = CONSTANTS.get(token);
  if (constant !== undefined) return { kind: 'literal', value: constant };
  if (token.startsWith('`')) return { kind: 'literal', value: token.slice(1, -1) };
  if (token.startsWith('"')) return { kind: 'literal', value: unquote(token) };
  if (/^-?\d+$/u.test(token)) return { kind: 'literal', value: Number(token) };
  if (!token.startsWith('.') && !token.startsWith('$')) throw new TemplateError(`'${token}' is not understood`);
  const [variable = '', ...fields] = token.split('.').filter((part, index) => index === 0 || part !== '');
  return { kind: 'path', variable: token.startsWith('$') ? variable.slice(1) : null, fields };
}

function unquote(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch (cause) {
    throw new TemplateError(`${token} is not a text`, { cause });
  }
}
