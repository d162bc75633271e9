import { TemplateError, type Piece } from '@portcullis/platform-template';
import type { Filter, FilterWarning } from './filters.js';

/** `${NAME}` and `$NAME`; of signs and digits one is a name (`$1`), and `$$` is a dollar sign. */
const REFERENCE = /\$(?:\{(?<braced>[^}]*)\}|(?<open>\{)|(?<sign>[*#$@!?\-0-9])|(?<name>[A-Za-z_]\w*))/gu;

/** `expand-env`: variables in the place of their names (`$NAME`, `${NAME}`); one that is not set leaves nothing, with a warning. */
export const environmentFilter: Filter = (text, { variable }) => {
  const pieces: Piece[] = [];
  const warnings: FilterWarning[] = [];
  let at = 0;
  let line = 1;
  const write = (written: string): void => {
    if (written !== '') pieces.push({ text: written, line, isWritten: true });
    line += written.split('\n').length - 1;
  };
  for (const match of text.matchAll(REFERENCE)) {
    write(text.slice(at, match.index));
    at = match.index + match[0].length;
    const { braced, open, sign, name = braced ?? sign ?? '' } = match.groups ?? {};
    if (open !== undefined) throw new TemplateError("'${' without '}'", { line });
    const value = name === '$' ? '$' : variable(name);
    if (value === undefined) warnings.push(notSet(match[0], line));
    else if (value !== '') pieces.push({ text: value, line, isWritten: false });
    line += match[0].split('\n').length - 1;
  }
  write(text.slice(at));
  return { pieces, warnings };
};

function notSet(written: string, line: number): FilterWarning {
  return {
    line,
    message: `${written} is a variable that is not set: expand-env leaves nothing in its place`,
    fix: 'set it, or write $$ for a dollar sign that is meant as one',
  };
}
