import { describe, expect, it } from 'vitest';
import { compileTemplate, type Data } from './template-render.js';

const data: Data = {
  Name: 'Alice',
  Empty: '',
  Count: 3,
  Details: { Time: 'now', Action: 'Added' },
  Nested: { Field: 'deep' },
};
const render = (source: string): string => compileTemplate(source, 'none')(data);

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
    ['{{ .Name | upper }} {{ .Name | lower | print "x" }}', 'ALICE xalice'],
    ['{{ if and .Name (not .Empty) }}both{{ end }}', 'both'],
    ['{{ or .Empty .Name }}', 'Alice'],
    ['{{ if eq .Count 3 }}three{{ end }}{{ if ne .Name "Bob" }} not Bob{{ end }}', 'three not Bob'],
    ['{{ if eq .Name "Bob" "Alice" }}one of them{{ end }}', 'one of them'],
    ['{{ default "nobody" .Empty }} {{ .Empty | default "nobody" }} {{ default "nobody" .Name }}', 'nobody nobody Alice'],
    ['{{ len .Name }} {{ index .Details "Time" }}', '5 now'],
    ['{{ urlquery "a b&c" }}', 'a%20b%26c'],
    ['{{ "}}" }}{{ `raw "{{` }}', '}}raw "{{'],
  ])('renders %j', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  it.each([
    ['{{ .Nmae }}', /no field '\.Nmae'/],
    ['{{ .Name.Deeper }}', /no field '\.Deeper'/],
    ['{{ $missing }}', /no variable '\$missing'/],
    ['{{ printf "%s" .Name }}', /no function 'printf'/],
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

  it('never lets a value become markup in a page', () => {
    const page = compileTemplate('<a href="{{ .Url }}">{{ .Name }}</a>', 'html');
    expect(page({ Url: 'https://x/?a=1&b="\'', Name: '<script>alert(1)</script>' })).toBe(
      '<a href="https://x/?a=1&amp;b=&#34;&#39;">&lt;script&gt;alert(1)&lt;/script&gt;</a>',
    );
  });

  it('reads a malformed file of many quotes at once', () => {
    expect(() => render(`{{ ${'"'.repeat(100_001)}`)).toThrow(/without/);
  });
});
