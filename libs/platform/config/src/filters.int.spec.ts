import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filterConfiguration, loadConfiguration } from './load.js';
import type { ConfigurationTables } from './tables.js';

const tables: ConfigurationTables = {
  keys: { name: 'string', port: 'integer', secret: 'string', 'rules[].domain': 'strings', text: 'string' },
  mappings: [],
  prefixes: ['NEW_', 'OLD_'],
  secretNames: ['secret', 'password'],
  reservedVariables: ['NEW_FILTERS'],
  filterVariables: ['NEW_FILTERS', 'X_OLD_FILTERS'],
  fileVariables: [],
  defaultFile: 'default.yml',
  overlay: 'ours.yml',
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'filters-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const load = (text: string, environment: Record<string, string>) => loadConfiguration({ files: [write('a.yml', text)], environment, tables });
/** What the filter makes of a text. */
const filtered = (name: string, text: string, environment: Record<string, string> = {}) => {
  const { files, problems } = filterConfiguration({
    files: [write('a.yml', text)],
    environment: { NEW_FILTERS: name, ...environment },
    tables,
  });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return files[0]?.text;
};

describe('the filter template', () => {
  it.each([
    ['{{ env "HOST" }}', 'example.com'],
    ['{{ env "NONE" }}', ''],
    ['{{ env "NONE" | default "x" }} {{ default "x" (env "HOST") }}', 'x example.com'],
    ['{{ mustEnv "HOST" }}', 'example.com'],
    ['{{ env "HOST" | quote }} {{ squote "a" 1 }}', '"example.com" \'a\' 1'.replace("' 1", "' '1'")],
    ['{{ quote "a\\"b" }}', '"a\\"b"'],
    ['{{ env "LIST" | splitList "," | join "|" }}', 'a|b|c'],
    ['{{ (split "," (env "LIST"))._1 }}', 'b'],
    ['{{ range splitList "," (env "LIST") }}[{{ . }}]{{ end }}', '[a][b][c]'],
    ['{{ range $i, $each := splitList "," (env "LIST") }}{{ $i }}{{ $each }}{{ end }}', '0a1b2c'],
    ['{{ "Aé" | lower }} {{ "aé" | upper }} {{ "ab" | title }}', 'aé AÉ AB'],
    ['{{ trim "  a " }}|{{ trimAll "-" "--a-" }}|{{ trimPrefix "a" "ab" }}|{{ trimSuffix "b" "ab" }}', 'a|a|b|a'],
    ['{{ replace "." "-" (env "HOST") }}', 'example-com'],
    ['{{ if contains "ample" (env "HOST") }}a{{ end }}{{ if hasPrefix "x" "y" }}b{{ end }}{{ if hasSuffix "y" "xy" }}c{{ end }}', 'ac'],
    ['{{ b64enc "hello" }} {{ b64dec "aGVsbG8=" }}', 'aGVsbG8= hello'],
    ['a:{{ nindent 2 "x\\ny" }}', 'a:\n  x\n  y'],
    ['{{ indent 2 "x\\ny" }}', '  x\n  y'],
    ['a: {{ mindent 2 "|" "x\\ny" }}', 'a: |\n  x\n  y'],
    ['a: {{ "x" | mindent 2 "|" | msquote }}', "a: 'x'"],
    ['a: {{ "x\\ny" | mindent 2 "|" | msquote }}', 'a: |\n  x\n  y'],
    ['{{ ternary "yes" "no" true }}{{ false | ternary "yes" "no" }}', 'yesno'],
    ['{{ $d := dict "a" 1 "b" (list "x" "y") }}{{ get $d "a" }}{{ get $d "c" }}{{ $d.a }}', '11'],
    ['{{ toYaml (dict "a" (list 1 "x")) }}', 'a:\n  - 1\n  - x'],
    ['{{ list "b" "a" | sortAlpha | join "," }} {{ keys (dict "k" 1) }} {{ empty "" }}', 'a,b [k] true'],
    ['{{- /* nothing of this stays */ -}}\n x', 'x'],
    ['{{ with env "HOST" }}{{ . }}{{ end }}', 'example.com'],
    ["'^/a$' \\ {{ `{{` }}", "'^/a$' \\ {{"],
  ])('makes of %j %j', (text, expected) => {
    expect(filtered('template', text, { HOST: 'example.com', LIST: 'a,b,c' })).toBe(expected);
  });

  it('reads files, a secret without the line ends behind it, and has them watched', () => {
    const file = write('secret.txt', 'line 1\nline 2\n');
    expect(filtered('template', `{{ fileContent "${file}" }}|{{ secret "${file}" }}`)).toBe('line 1\nline 2\n|line 1\nline 2');
    const { tree, watched } = load(`name: {{ secret "${write('name.txt', 'a\r\n')}" }}\n`, { X_OLD_FILTERS: 'template' });
    expect(tree).toEqual({ name: 'a' });
    expect(watched).toContain(join(directory, 'name.txt'));
  });

  it('does not fill in a secret that sets its key by itself', () => {
    const environment = { OLD_SECRET: 's', X_OLD_PASSWORD: 'p', new_db_password: 'q', OTHER_PASSWORD: 'o' };
    expect(
      filtered(
        'template',
        '[{{ env "OLD_SECRET" }}{{ mustEnv "X_OLD_PASSWORD" }}{{ env "new_db_password" }}{{ env "OTHER_PASSWORD" }}]',
        environment,
      ),
    ).toBe('[o]');
    expect(filtered('expand-env', '[$OLD_SECRET${X_OLD_PASSWORD}$OTHER_PASSWORD]', environment)).toBe('[o]');
  });

  it.each([
    [
      'a: 1\nb: {{ walk "/" "x" true }}\nc: {{ uuidv4 }}\n',
      ["2 the filter template: there is no function 'walk'", "3 the filter template: there is no function 'uuidv4'"],
    ],
    ['\n\nname: {{ mustEnv "NONE" }}\n', ['3 the filter template: the variable NONE is not set']],
    ['name: {{ secret "/does/not/exist" }}\n', [expect.stringContaining('1 the filter template: /does/not/exist cannot be read')]],
    ['{{ if true }}\nname: x\n', ["1 the filter template: 'if' has no 'end'"]],
    ['name: {{ b64dec "*" }}\n', ['1 the filter template: b64dec: the text is not base64']],
    ['name: {{ replace "a" "b" }}\n', ['1 the filter template: replace takes 3 values, not 2']],
  ])('refuses %j by line, and nothing of the file counts', (text, expected) => {
    const { tree, problems } = load(text, { NEW_FILTERS: 'template' });
    expect(problems.map(({ line, message }) => `${line ?? 0} ${message}`)).toEqual(expected);
    expect(problems[0]).toMatchObject({ severity: 'error', file: join(directory, 'a.yml'), fix: expect.stringContaining('write the value itself') });
    expect(tree).toEqual({});
  });
});

describe('the filter expand-env', () => {
  it.each([
    ['$HOST ${HOST}/x $HOSTS', 'example.com example.com/x '],
    ['$$HOST costs 5$. ^/a$', '$HOST costs 5$. ^/a$'],
    ["'^/a$'", "'^/a$'"],
    ['a$1b${}c', 'abc'],
  ])('makes of %j %j', (text, expected) => {
    expect(filtered('expand-env', text, { HOST: 'example.com' })).toBe(expected);
  });

  it('warns where a variable is not set, for a digest or a pattern may be meant', () => {
    const { problems } = load("name: a\nsecret: '$argon2id$v=19$m=65536'\n", { NEW_FILTERS: 'expand-env' });
    expect(problems.map(({ severity, line, message }) => `${severity} ${line ?? 0} ${message.slice(0, 10)}`)).toEqual([
      'warning 2 $argon2id ',
      'warning 2 $v is a va',
      'warning 2 $m is a va',
    ]);
  });

  it('refuses a brace that is not closed', () => {
    expect(load('name: a\nport: ${PORT\n', { NEW_FILTERS: 'expand-env' }).problems).toMatchObject([{ severity: 'error', line: 2 }]);
  });
});

describe('filters', () => {
  it('run in the order given, on each file and on ours', () => {
    write('ours.yml', 'port: $PORT\n');
    const environment = { PORT: '1', HOST: '$PORT' };
    expect(load('name: {{ env "HOST" }}\n', { NEW_FILTERS: 'template, Expand-Env', ...environment }).tree).toEqual({ name: '1', port: 1 });
    expect(load('name: {{ env "HOST" }}\n', { NEW_FILTERS: 'expand-env,template', ...environment }).tree).toEqual({ name: '$PORT', port: 1 });
  });

  it('are none without a variable', () => {
    expect(load("name: '{{ $HOST }}'\n", {}).tree).toEqual({ name: '{{ $HOST }}' });
  });

  it('that are not there, or twice, are said', () => {
    expect(load('name: a\n', { NEW_FILTERS: 'templates' }).problems).toMatchObject([
      { severity: 'error', file: 'environment: NEW_FILTERS', message: "there is no filter 'templates'" },
    ]);
    expect(load('name: a\n', { NEW_FILTERS: 'template,template' }).problems).toMatchObject([
      { severity: 'error', message: 'the filter template is there twice' },
    ]);
  });

  it('leave every problem at its line of the file', () => {
    const text = [
      '{{- $names := splitList "," (env "NAMES") }}',
      'name: a',
      'rules:',
      '{{- range $names }}',
      '  - domain: {{ . }}.$ZONE',
      '{{- end }}',
      '{{- /* about',
      'the next */}}',
      'text: {{ mindent 2 "|" "x\\ny\\nz" }}',
      'prot: 1',
      'port: x',
    ].join('\n');
    const { tree, problems, sources } = load(text, { NEW_FILTERS: 'template,expand-env', NAMES: 'a,b,c', ZONE: 'example.com' });
    expect(tree).toMatchObject({
      rules: [{ domain: ['a.example.com'] }, { domain: ['b.example.com'] }, { domain: ['c.example.com'] }],
      text: 'x\ny\nz\n',
    });
    expect(problems.map(({ line, path }) => `${line ?? 0} ${path}`)).toEqual(['10 prot', '11 port']);
    expect(sources.get('rules[2].domain')?.line).toBe(5);
    expect(sources.get('text')?.line).toBe(9);
  });

  it('leave a mistake of YAML at its line too', () => {
    const { problems } = load('{{ if true }}\n{{ end }}\nname: "{{ env "A" }}\nport: 1\n', { NEW_FILTERS: 'template' });
    expect(problems).toMatchObject([{ severity: 'error', file: join(directory, 'a.yml') }]);
    expect(problems[0]?.line).toBeGreaterThanOrEqual(3);
  });
});
