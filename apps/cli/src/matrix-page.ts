import type { MatrixCell, MatrixRow, Rule } from '@portcullis/domain-policy';

/** People who are answered alike on every host share a column. */
export interface Column {
  readonly names: readonly string[];
  readonly cells: readonly MatrixCell[];
}

interface Page {
  readonly rows: readonly MatrixRow[];
  readonly columns: readonly Column[];
  readonly rules: readonly Rule[];
  readonly usersFile: string;
}

const STYLE = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; }
th, td { border: 1px solid #c8c8c8; padding: 0.25rem 0.6rem; text-align: center; vertical-align: bottom; }
th[scope='row'] { text-align: left; font-weight: 400; font-family: ui-monospace, monospace; }
thead th { white-space: pre-line; }
.bypass { background: #fde2c8; } .one_factor { background: #d9f0dc; } .two_factor { background: #b9e3f5; } .deny { color: #767676; }
.key span { border: 1px solid #c8c8c8; padding: 0 0.5rem; margin-right: 1rem; }
@media print { body { margin: 0; font-size: 10px; } thead { display: table-header-group; } tr { break-inside: avoid; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;

/** The matrix as one file: no script, nothing loaded from anywhere, everything from the files escaped. */
export function matrixPage({ rows, columns, rules, usersFile }: Page): string {
  const head = columns.map(({ names }) => `<th scope="col">${names.map(escape).join('\n')}</th>`).join('');
  const body = rows
    .map(
      ({ host }, index) =>
        `<tr><th scope="row">${escape(host)}</th>${columns.map(({ cells }, column) => cellOf(cells[index], column === 0, rules)).join('')}</tr>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Who may open what</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Who may open what</h1>
<p>${rules.length} rules, people of ${escape(usersFile)}. A plain GET of the first page of each host; a star: some paths, methods or networks are answered in another way. Hold the pointer over a cell for the rule.</p>
<p class="key"><span class="bypass">open</span><span class="one_factor">1</span> one factor <span class="two_factor">2</span> two factors <span class="deny">-</span> denied</p>
<table>
<thead><tr><th scope="col">Host</th>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</body>
</html>
`;
}

function cellOf(cell: MatrixCell | undefined, isStranger: boolean, rules: readonly Rule[]): string {
  if (cell === undefined) return '<td></td>';
  const rule = rules[cell.ruleIndex];
  const title =
    rule === undefined ? 'the default policy' : `rule #${cell.ruleIndex + 1} (${[...rule.domains, ...rule.domainRegex].join(', ') || 'every host'})`;
  return `<td class="${cell.policy}" title="${escape(`${cell.policy} by ${title}`)}">${escape(markOf(cell, isStranger))}</td>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

const MARKS = { bypass: 'open', one_factor: '1', two_factor: '2', deny: '-' } as const;
/** A stranger is let in, kept out, or asked who they are. */
export function markOf(cell: MatrixCell | undefined, isStranger: boolean): string {
  if (cell === undefined) return '';
  const mark = isStranger && (cell.policy === 'one_factor' || cell.policy === 'two_factor') ? 'sign in' : MARKS[cell.policy];
  return `${mark}${cell.varies ? '*' : ''}`;
}
