import { describe, expect, it } from 'vitest';
import { compileMail } from './mail-template.js';

const data = { Name: 'Alice', Empty: '' };

describe('the template of a mail', () => {
  it.each([
    ['{{ .Name | upper }} {{ .Name | lower | print "x" }} {{ trim " a " }}', 'ALICE xalice a'],
    ['{{ default "nobody" .Empty }} {{ .Empty | default "nobody" }} {{ default "nobody" .Name }}', 'nobody nobody Alice'],
    ['{{ urlquery "a b&c" }}', 'a%20b%26c'],
    ['{{ if eq .Name "Alice" }}{{ len .Name }}{{ end }}', '5'],
  ])('renders %j', (source, expected) => {
    expect(compileMail(source, 'none')(data)).toBe(expected);
  });

  it('reads no files and no variables', () => {
    for (const name of ['env', 'fileContent', 'secret']) expect(() => compileMail(`{{ ${name} "HOME" }}`, 'none')).toThrow(`no function '${name}'`);
  });

  it('never lets a value become markup in a page', () => {
    const page = compileMail('<a href="{{ .Url }}">{{ .Name }}</a>', 'html');
    expect(page({ Url: 'https://x/?a=1&b="\'', Name: '<script>alert(1)</script>' })).toBe(
      '<a href="https://x/?a=1&amp;b=&#34;&#39;">&lt;script&gt;alert(1)&lt;/script&gt;</a>',
    );
  });
});
