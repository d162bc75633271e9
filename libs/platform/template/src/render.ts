import { isTrue, print } from './functions.js';
import { type Command, type Node, type Operand, parseTemplate, type Pipeline } from './parse.js';
import { atLine, TemplateError } from './template-error.js';
import { entriesOf, isMap, type Value } from './value.js';

/** Throws TemplateError for values it cannot use. */
export type TemplateFunction = (values: readonly Value[]) => Value;

export interface Language {
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  /** What a value looks like where it is put out. */
  readonly escape?: (text: string) => string;
}

/** Text that was put out, and the line of the template it comes from: of its first character where it was written there. */
export interface Piece {
  readonly text: string;
  readonly line: number;
  /** Whether it was written in the template as it stands, line by line. */
  readonly isWritten: boolean;
}

export type Template = (data: Value) => readonly Piece[];

/** Throws TemplateError, now or (for a field that is not there, or by a function) when it is rendered. */
export function compileTemplate(source: string, { functions, escape = (text) => text }: Language): Template {
  const nodes = parseTemplate(source);
  const unknown = [...callsIn(nodes)].filter(({ name }) => !functions.has(name));
  const [first, ...following] = unknown.map(({ name, line }) => new TemplateError(`there is no function '${name}'`, { line }));
  if (first !== undefined) throw new TemplateError(first.message, { line: first.line ?? 1, following });
  return (data) => {
    const pieces: Piece[] = [];
    render(nodes, { dot: data, variables: new Variables().declare('', data), functions, escape, pieces });
    return pieces;
  };
}

/** The variables of a block, over those around it. */
class Variables {
  readonly #own = new Map<string, Value>();
  readonly #around: Variables | undefined;

  constructor(around?: Variables) {
    this.#around = around;
  }

  declare(name: string, value: Value): this {
    this.#own.set(name, value);
    return this;
  }

  get(name: string): Value {
    const holder = this.#holderOf(name);
    return holder.#own.get(name) ?? null;
  }

  set(name: string, value: Value): void {
    this.#holderOf(name).declare(name, value);
  }

  #holderOf(name: string): Variables {
    if (this.#own.has(name)) return this;
    if (this.#around === undefined) throw new TemplateError(`there is no variable '$${name}'`);
    return this.#around.#holderOf(name);
  }
}

interface Scope {
  readonly dot: Value;
  readonly variables: Variables;
  readonly functions: Language['functions'];
  readonly escape: (text: string) => string;
  readonly pieces: Piece[];
}

type Jump = 'break' | 'continue' | undefined;

function render(nodes: readonly Node[], scope: Scope): Jump {
  for (const node of nodes) {
    const jump = renderNode(node, scope);
    if (jump !== undefined) return jump;
  }
  return undefined;
}

function renderNode(node: Node, scope: Scope): Jump {
  switch (node.kind) {
    case 'text':
      scope.pieces.push({ text: node.text, line: node.line, isWritten: true });
      return undefined;
    case 'output':
      scope.pieces.push({ text: scope.escape(print(valueAt(node, scope))), line: node.line, isWritten: false });
      return undefined;
    case 'break':
    case 'continue':
      return node.kind;
    case 'assign': {
      const value = valueAt(node, scope);
      if (node.declares) scope.variables.declare(node.variable, value);
      else
        atLine(node.line, () => {
          scope.variables.set(node.variable, value);
        });
      return undefined;
    }
    case 'if':
      return render(isTrue(valueAt(node, scope)) ? node.then : node.otherwise, inner(scope));
    case 'with': {
      const value = valueAt(node, scope);
      return isTrue(value) ? render(node.then, inner(scope, value)) : render(node.otherwise, inner(scope));
    }
    case 'range':
      renderRange(node, scope);
      return undefined;
  }
}

function renderRange(node: Extract<Node, { readonly kind: 'range' }>, scope: Scope): void {
  const entries = atLine(node.line, () => entriesOf(valueAt(node, scope)));
  if (entries.length === 0) render(node.otherwise, inner(scope));
  for (const [key, value] of entries) {
    const each = inner(scope, value);
    if (node.key !== null) each.variables.declare(node.key, key);
    if (node.value !== null) each.variables.declare(node.value, value);
    if (render(node.then, each) === 'break') return;
  }
}

const inner = (scope: Scope, dot: Value = scope.dot): Scope => ({ ...scope, dot, variables: new Variables(scope.variables) });

function valueAt({ pipeline, line }: { readonly pipeline: Pipeline; readonly line: number }, scope: Scope): Value {
  return atLine(line, () => evaluate(pipeline, scope));
}

function evaluate(pipeline: Pipeline, scope: Scope): Value {
  const [first, ...rest] = pipeline;
  if (first === undefined) throw new TemplateError('a value is missing');
  return rest.reduce((value, command) => run(command, scope, [value]), run(first, scope, []));
}

function run({ name, operands }: Command, scope: Scope, piped: readonly Value[]): Value {
  if (name === 'and' || name === 'or') return firstThatDecides(name, operands, scope, piped);
  const values = [...operands.map((operand) => valueOf(operand, scope)), ...piped];
  const call = name === null ? undefined : scope.functions.get(name);
  if (call !== undefined) return call(values);
  if (piped.length > 0) throw new TemplateError('a value is handed to something that is no function');
  return values[0] ?? null;
}

/** `and`, `or`: what stands behind the one that decides is not looked at. */
function firstThatDecides(name: 'and' | 'or', operands: readonly Operand[], scope: Scope, piped: readonly Value[]): Value {
  let last: Value = null;
  for (const operand of operands) {
    last = valueOf(operand, scope);
    if (isTrue(last) === (name === 'or')) return last;
  }
  return piped[0] ?? last;
}

function valueOf(operand: Operand, scope: Scope): Value {
  switch (operand.kind) {
    case 'literal':
      return operand.value;
    case 'call':
      return operand.fields.reduce(field, evaluate(operand.pipeline, scope));
    case 'path':
      return operand.fields.reduce(field, operand.variable === null ? scope.dot : scope.variables.get(operand.variable));
  }
}

function field(value: Value, name: string): Value {
  const found = isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (found === undefined) throw new TemplateError(`there is no field '.${name}'`);
  return found;
}

function* callsIn(nodes: readonly Node[]): Generator<{ readonly name: string; readonly line: number }> {
  for (const node of nodes) {
    if ('pipeline' in node) for (const name of namesIn(node.pipeline)) yield { name, line: node.line };
    if ('then' in node) yield* callsIn([...node.then, ...node.otherwise]);
  }
}

function* namesIn(pipeline: Pipeline): Generator<string> {
  for (const { name, operands } of pipeline) {
    if (name !== null) yield name;
    for (const operand of operands) if (operand.kind === 'call') yield* namesIn(operand.pipeline);
  }
}
