import { describe, expect, it } from 'vitest';
import { goFunctions, print } from './functions.js';
import { compileTemplate } from './render.js';
import { TemplateError } from './template-error.js';
import type { Value } from './value.js';

const data: Value = {
  Name: 'Alice',
  Empty: '',
  Count: 3,
  Details: { Time: 'now', Action: 'Added' },
  Nested: { Field: 'deep' },
  List: ['x', 'y', 'z'],
};
const functions = new Map([...goFunctions, ['upper', ([value = '']: readonly Value[]) => print(value).toUpperCase()] as const]);
const render = (source: string): string =>
  compileTemplate(source, { functions })(data)
    .map(({ text }) => text)
    .join('');

describe('a template, as Go reads it', () => {
  it.each([
    ['no action at all', 'no action at all'],
    ['Hello {{ .Name }}!', 'Hello Alice!'],
    ['{{.Name}}', 'Alice'],
    ['{{ .Nested.Field }} {{ $.Nested.Field }}', 'deep deep'],
    ['a {{- .Name -}} b', 'aAliceb'],
    ['a\n{{- /* a comment with "quotes" and }} */ -}}\nb', 'ab'],
    ['{{ if .Name }}yes{{ end }}{{ if .Empty }}no{{ end }}', 'yes'],
    ['{{ if .Empty }}a{{ else }}b{{ end }}', 'b'],
    ['{{ if .Empty }}a{{ else if .Name }}b{{ else }}c{{ end }}', 'b'],
    ['{{ if .Empty }}a{{ else if .Empty }}b{{ else }}c{{ end }}', 'c'],
    ['{{ with .Nested }}{{ .Field }} {{ $.Name }}{{ end }}', 'deep Alice'],
    ['{{ with .Empty }}a{{ else }}b{{ end }}', 'b'],
    ['{{ range $key, $value := .Details }}{{ $key }}={{ $value }};{{ end }}', 'Action=Added;Time=now;'],
    ['{{ range .Details }}{{ . }};{{ end }}', 'Added;now;'],
    ['{{ range $each := .Details }}{{ $each }};{{ end }}', 'Added;now;'],
    ['{{ range .Empty }}a{{ else }}none{{ end }}', 'none'],
    ['{{ $x := .Name }}{{ $x }}', 'Alice'],
    ['{{ $x := .Name }}{{ if true }}{{ $x := "inner" }}{{ $x }}{{ end }}{{ $x }}', 'innerAlice'],
    ['{{ .Name | upper }} {{ .Name | upper | print "x" }}', 'ALICE xALICE'],
    ['{{ if and .Name (not .Empty) }}both{{ end }}', 'both'],
    ['{{ or .Empty .Name }}', 'Alice'],
    ['{{ if eq .Count 3 }}three{{ end }}{{ if ne .Name "Bob" }} not Bob{{ end }}', 'three not Bob'],
    ['{{ if eq .Name "Bob" "Alice" }}one of them{{ end }}', 'one of them'],
    ['{{ len .Name }} {{ index .Details "Time" }}', '5 now'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', '2'],
    ['{{ range $i, $each := .List }}{{ $i }}{{ $each }} {{ end }}', '0x 1y 2z '],
    ['{{ range .List }}{{ if eq . "y" }}{{ continue }}{{ end }}{{ . }}{{ end }}', 'xz'],
    ['{{ range .List }}{{ if eq . "y" }}{{ break }}{{ end }}{{ . }}{{ end }}', 'x'],
    ['{{ range $i := 3 }}{{ $i }}{{ end }}', '012'],
    ['{{ with .Empty }}a{{ else with .Name }}{{ . }}{{ end }}', 'Alice'],
    ['{{ (index .List 1) }} {{ index .List 2 }} {{ (print .Nested.Field) }}', 'y z deep'],
    ['{{ if or .Name (index .List 9) }}decided{{ end }}', 'decided'],
    ['{{ if and .Empty (index .List 9) }}{{ else }}decided{{ end }}', 'decided'],
    ['{{ if lt 1 2 }}a{{ end }}{{ if ge "b" "a" }}b{{ end }}{{ if gt 1 2 }}c{{ end }}{{ if le 2 2 }}d{{ end }}', 'abd'],
    ['{{ printf "%s-%d %q %v%%" .Name .Count "a" true }}', 'Alice-3 "a" true%'],
    ['{{ print 1 2 "a" 3 }} {{ println 1 "a" }}', '1 2a3 1 a\n'],
    ['{{ .List }} {{ .Details }} {{ len .List }}', '[x y z] map[Action:Added Time:now] 3'],
    ['{{- 1.5 }} {{ -2 }}\n{{- "a" -}}  \n\t b', '1.5 -2ab'],
    ['{{ "}}" }}{{ `raw "{{` }}', '}}raw "{{'],
  ])('renders %j', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it.each([
    ['{{ .Nmae }}', /no field '\.Nmae'/],
    ['{{ .Name.Deeper }}', /no field '\.Deeper'/],
    ['{{ $missing }}', /no variable '\$missing'/],
    ['{{ walk "%s" .Name }}', /no function 'walk'/],
    ['{{ printf "%x" .Name }}', /%x/],
    ['{{ if eq .Count "3" }}{{ end }}', /cannot be compared/],
    ['{{ index .List 3 }}', /no entry 3/],
    ['{{ range .Name }}{{ end }}', /neither a list nor a map/],
    ['{{ $x = 1 }}', /no variable '\$x'/],
    ['{{ if (shout .Name) }}{{ end }}', /no function 'shout'/],
    ['{{ template "x" }}', /no function 'template'/],
    ['{{ if .Name }}', /'if' has no 'end'/],
    ['{{ end }}', /belongs to nothing/],
    ['{{ if .Name }}a{{ else }}b{{ else }}c{{ end }}', /two 'else'/],
    ['{{ .Name', /without/],
    ['{{ "open }}', /without/],
    ['{{ .Name ; }}', /not understood/],
    ['{{ (.Name }}', /without '\)'/],
    ['{{ .Name .Count }}', /missing/],
    ['{{ }}', /missing/],
  ])('refuses %j', (source, reason) => {
    expect(() => render(source)).toThrow(reason);
  });

  it('reads a malformed file of many quotes at once', () => {
    expect(() => render(`{{ ${'"'.repeat(100_001)}`)).toThrow(/without/);
  });

  it.each([
    ['a\nb\n{{ .Nmae }}', 3],
    ['{{ if .Name }}\n\n{{ .Nmae }}{{ end }}', 3],
    ['{{- /* of\ntwo lines */ -}}\n{{ walk }}', 3],
    ['a {{-\n\n.Name | ; }}', 1],
    ['\n\n{{ if .Name }}', 3],
    ['\n{{ .Name', 2],
    ['{{ if .Name }}\n{{ else if ; }}{{ end }}', 2],
  ])('says at which line of %j', (source, line) => {
    expect(() => render(source)).toThrow(expect.objectContaining({ line }));
  });

  it('names all functions that are not there at once', () => {
    const refused = caught(() => render('{{ walk }}\n{{ if (glob "*") }}{{ end }}'));
    expect([refused, ...refused.following].map(({ message, line }) => `${line ?? 0} ${message}`)).toEqual([
      "1 there is no function 'walk'",
      "2 there is no function 'glob'",
    ]);
  });

  it('tells where each piece of what it gives was written', () => {
    const pieces = compileTemplate('a: 1\n{{- range .List }}\n- {{ . }}\n{{- end }}\n', { functions })(data);
    expect(pieces.slice(0, 3)).toEqual([
      { text: 'a: 1', line: 1, isWritten: true },
      { text: '\n- ', line: 2, isWritten: true },
      { text: 'x', line: 3, isWritten: false },
    ]);
  });
});

function caught(run: () => unknown): TemplateError {
  try {
    run();
  } catch (cause) {
    if (cause instanceof TemplateError) return cause;
  }
  throw new Error('nothing was refused');
}
