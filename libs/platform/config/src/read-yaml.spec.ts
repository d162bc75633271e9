import { describe, expect, it } from 'vitest';
import { plain, sourcesOf } from './located.js';
import { parseLocatedYaml, readYaml } from './read-yaml.js';

const read = (text: string) => {
  const { map, problems } = parseLocatedYaml(text, 'x.yml');
  return { tree: plain(map), lines: Object.fromEntries([...sourcesOf(map)].map(([path, { line }]) => [path, line])), problems };
};

describe('parseLocatedYaml', () => {
  it('keeps the line of every key and entry', () => {
    const { lines } = read('---\na: 1\nb:\n  - x\n  - c: 2\n    d: [3]\n');
    expect(lines).toEqual({ a: 2, b: 3, 'b[0]': 4, 'b[1]': 5, 'b[1].c': 5, 'b[1].d': 6, 'b[1].d[0]': 6 });
  });

  it('takes a key with nothing behind it as not there, and keeps the place of an empty entry', () => {
    expect(read('a:\nb: ~\nc:\n  -\n  - 1\n').tree).toEqual({ c: [null, 1] });
  });

  it('names such a key, and refuses it within an entry of a list: a rule without its subject would be another rule', () => {
    const { problems, empty } = parseLocatedYaml('a:\nrules:\n  - domain: x\n    subject:\n  - {domain: y, methods: ~}\n', 'x.yml');
    expect(problems.map(({ severity, line, message }) => [severity, line, message])).toEqual([
      ['error', 4, "'subject' has nothing behind it"],
      ['error', 5, "'methods' has nothing behind it"],
    ]);
    expect(empty.map(({ severity, line, message }) => [severity, line, message])).toEqual([
      ['warning', 1, "'a' has nothing behind it: it counts as not written"],
    ]);
  });

  it('follows anchors, aliases and merge keys', () => {
    const { tree, lines } = read('base: &b {x: 1, y: 2}\none:\n  <<: *b\n  y: 3\ntwo: {<<: [*b, {z: 4}]}\nthree: *b\n');
    expect(tree).toEqual({ base: { x: 1, y: 2 }, one: { x: 1, y: 3 }, two: { x: 1, y: 2, z: 4 }, three: { x: 1, y: 2 } });
    expect(lines['one.y']).toBe(4);
  });

  it('takes the last anchor of a name before the alias, also where an alias holds one of that name', () => {
    const { tree } = read('a: &x [&y 1]\nb: &y 2\nc: *x\nd: *y\ne: &x 3\nf: *x\n');
    expect(tree).toEqual({ a: [1], b: 2, c: [1], d: 2, e: 3, f: 3 });
  });

  it('refuses an alias of nothing, which is mostly a text without its quotes', () => {
    expect(read('domain: *.example.com\na: &a 1\n').problems).toMatchObject([
      { severity: 'error', line: 1, message: expect.stringContaining('begins with a *') as string, fix: "put it in quotes: '*.example.com'" },
    ]);
    expect(read('early: *x\na: &x 1\n').problems).toHaveLength(1);
  });

  it('tells of a value that a # has made a comment, and not of a comment behind an empty key', () => {
    const { problems } = read('color: #335577\nempty: # a comment\nrules:\n  #- one\n');
    expect(problems).toMatchObject([{ severity: 'warning', line: 1, fix: "put it in quotes: color: '#335577'" }]);
  });

  it('gives up on an alias within what it stands for', () => {
    expect(() => parseLocatedYaml('a: &a [1, *a]', 'x.yml')).toThrow();
  });

  it('keeps the text of numbers that would lose it', () => {
    expect(read('a: 007\nb: 0x1F\nc: 1e5\nd: 123456789012345678901\ne: 42\nf: 1.5\ng: 1.0').tree).toEqual({
      a: '007',
      b: '0x1F',
      c: '1e5',
      d: '123456789012345678901',
      e: 42,
      f: 1.5,
      g: 1,
    });
  });

  it('reads yes and no as the words they are', () => {
    expect(read('a: yes\nb: no\nc: true').tree).toEqual({ a: 'yes', b: 'no', c: true });
  });

  it.each([
    ['a tab as indentation', 'a:\n\tb: 1\n', 2],
    ['a key that is there twice', 'a: 1\nb: 2\na: 3\n', 3],
    ['a key that is there twice between braces', 'a: 1\nb: {c: 1,\n  c: 2}\n', 3],
    ['a key that is there twice in an entry of a list', 'a:\n  - b: 1\n    c: 2\n    b: 3\n', 4],
    ['a key that is there twice, in quotes or not', 'a: 1\n"a": 2\n', 2],
    ['a merge that is there twice', 'a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n', 4],
    ['a value that cannot begin so', 'a: @x\n', 1],
    ['an unclosed quote', "a: 'x\nb: 1\n", undefined],
    ['a list at the top', 'x: 1\n- y\n', 2],
  ])('reports %s with its line', (_, text, line) => {
    const [problem] = read(text).problems;
    expect(problem).toMatchObject({ severity: 'error', path: '', file: 'x.yml' });
    expect(problem?.line).toEqual(line ?? (expect.any(Number) as unknown));
  });

  it('reports every key that is there twice, beside other errors', () => {
    const { problems } = read("a: 1\na: 2\nb: @x\nc: {d: 1, d: 2, e: {f: 1, f: 2}}\na: 3\n1: x\n'1': y\n");
    const twice = problems.filter(({ message }) => message === 'not YAML: Map keys must be unique');
    expect(twice.map(({ line }) => line).sort()).toEqual([2, 4, 4, 5]);
    expect(problems.find((problem) => !twice.includes(problem))?.line).toBe(3);
  });

  it('wants keys at the top', () => {
    expect(read('- a\n').problems).toMatchObject([{ severity: 'error', line: 1 }]);
  });

  it('warns that only the first document counts', () => {
    const { tree, problems } = read('a: 1\n---\nb: 2\n');
    expect(tree).toEqual({ a: 1 });
    expect(problems).toMatchObject([{ severity: 'warning', line: 2 }]);
  });

  it('gives up on an alias bomb', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map(
        (name, index) =>
          `${name}: &${name} [${Array(10)
            .fill(`*${'abcdefg'[index] ?? ''}`)
            .join(',')}]`,
      ),
    ];
    expect(() => parseLocatedYaml(bomb.join('\n'), 'x.yml')).toThrow();
  });

  it('reads an empty file as nothing', () => {
    expect(read('')).toMatchObject({ tree: {}, problems: [] });
    expect(read('# only a comment\n')).toMatchObject({ tree: {}, problems: [] });
  });
});

describe('a file that is not there', () => {
  const fixOf = (file: string): string | undefined => readYaml(file).problems.find(({ message }) => message === 'the file is not there')?.fix;

  it('is said to be looked for where a relative path leads', () => {
    expect(fixOf('no-such.yml')).toContain(`it is looked for in ${process.cwd()}`);
  });

  it('is said to be the path of a container where it looks like one', () => {
    expect(fixOf('/config/no-such.yml')).toBe('write where it lies on this machine; /config is what a container sees');
    expect(fixOf('/no-such-directory/no-such.yml')).toBe('write where it lies on this machine');
  });
});
