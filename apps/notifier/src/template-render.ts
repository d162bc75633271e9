import { type Command, type Node, type Operand, parseTemplate, type Pipeline, TemplateError } from './template-parse.js';

export type Value = string | number | boolean | null | { readonly [field: string]: Value };
export type Data = Readonly<Record<string, Value>>;
export type Template = (data: Data) => string;

/** `html`: whatever a value holds is text in the page, never markup. Throws TemplateError, now or (for a field that is not there) when it is rendered. */
export function compileTemplate(source: string, escaping: 'none' | 'html'): Template {
  const nodes = parseTemplate(source);
  for (const name of functionNames(nodes)) if (!functions.has(name)) throw new TemplateError(`there is no function '${name}'`);
  const escape = escaping === 'html' ? escapeHtml : (text: string): string => text;
  return (data) => render(nodes, { dot: data, variables: new Map([['', data]]), escape });
}

interface Scope {
  readonly dot: Value;
  readonly variables: Map<string, Value>;
  readonly escape: (text: string) => string;
}

function render(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join('');
}

function renderNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'output':
      return scope.escape(print(evaluate(node.pipeline, scope)));
    case 'assign':
      scope.variables.set(node.variable, evaluate(node.pipeline, scope));
      return '';
    case 'if':
      return render(isTrue(evaluate(node.pipeline, scope)) ? node.then : node.otherwise, inner(scope));
    case 'with': {
      const value = evaluate(node.pipeline, scope);
      return isTrue(value) ? render(node.then, inner(scope, value)) : render(node.otherwise, inner(scope));
    }
    case 'range': {
      const value = evaluate(node.pipeline, scope);
      const entries = typeof value === 'object' && value !== null ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
      if (entries.length === 0) return render(node.otherwise, inner(scope));
      return entries.map(([key, each]) => render(node.then, inner(scope, each, [node.key, key], [node.value, each]))).join('');
    }
  }
}

function inner({ dot, variables, escape }: Scope, newDot: Value = dot, ...set: readonly (readonly [string | null, Value])[]): Scope {
  const own = new Map(variables);
  for (const [name, value] of set) if (name !== null) own.set(name, value);
  return { dot: newDot, variables: own, escape };
}

function evaluate(pipeline: Pipeline, scope: Scope): Value {
  const [first, ...rest] = pipeline;
  if (first === undefined) throw new TemplateError('a value is missing');
  return rest.reduce((value, command) => run(command, scope, [value]), run(first, scope, []));
}

function run({ name, operands }: Command, scope: Scope, piped: readonly Value[]): Value {
  const values = [...operands.map((operand) => valueOf(operand, scope)), ...piped];
  const call = name === null ? undefined : functions.get(name);
  if (call !== undefined) return call(values);
  if (piped.length > 0) throw new TemplateError('a value is handed to something that is no function');
  return values[0] ?? null;
}

function valueOf(operand: Operand, scope: Scope): Value {
  switch (operand.kind) {
    case 'literal':
      return operand.value;
    case 'call':
      return evaluate(operand.pipeline, scope);
    case 'path': {
      const start = operand.variable === null ? scope.dot : scope.variables.get(operand.variable);
      if (start === undefined) throw new TemplateError(`there is no variable '$${operand.variable ?? ''}'`);
      return operand.fields.reduce(field, start);
    }
  }
}

function field(value: Value, name: string): Value {
  const found = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? value[name] : undefined;
  if (found === undefined) throw new TemplateError(`there is no field '.${name}'`);
  return found;
}

const isTrue = (value: Value): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== '' && value !== 0 && value !== false && value !== null;

const print = (value: Value = ''): string => (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? ''));

const lengthOf = (value: Value = ''): number => (typeof value === 'object' && value !== null ? Object.keys(value).length : print(value).length);

const functions: ReadonlyMap<string, (values: readonly Value[]) => Value> = new Map<string, (values: readonly Value[]) => Value>([
  ['and', (values) => values.find((value) => !isTrue(value)) ?? values.at(-1) ?? null],
  ['or', (values) => values.find(isTrue) ?? values.at(-1) ?? null],
  ['not', ([value = null]) => !isTrue(value)],
  ['eq', ([first, ...others]) => others.some((other) => other === first)],
  ['ne', ([first, second]) => first !== second],
  ['len', ([value]) => lengthOf(value)],
  ['index', ([value = null, key]) => field(value, print(key))],
  ['print', (values) => values.map(print).join('')],
  ['upper', ([value]) => print(value).toUpperCase()],
  ['lower', ([value]) => print(value).toLowerCase()],
  ['trim', ([value]) => print(value).trim()],
  ['default', ([fallback = null, value = null]) => (isTrue(value) ? value : fallback)],
  ['urlquery', ([value]) => encodeURIComponent(print(value))],
]);

function* functionNames(nodes: readonly Node[]): Generator<string> {
  for (const node of nodes) {
    if ('pipeline' in node) yield* namesIn(node.pipeline);
    if ('then' in node) yield* functionNames([...node.then, ...node.otherwise]);
  }
}

function* namesIn(pipeline: Pipeline): Generator<string> {
  for (const { name, operands } of pipeline) {
    if (name !== null) yield name;
    for (const operand of operands) if (operand.kind === 'call') yield* namesIn(operand.pipeline);
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? '');
