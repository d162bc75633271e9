// A horizontal bar chart as SVG, that reads in light and in dark: one question, one picture.
const WIDTH = 720;
/** Of a letter of 13 pixels, generously. */
const LETTER = 6.9;
const ROW = 30;
const TOP = 48;
const escaped = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** @param bars `{label, value, low?, high?}`; low and high are drawn as the spread of the rounds. @param unit stands behind each value */
export function barChart({ title, unit = '', bars, mark }) {
  const top = Math.max(...bars.flatMap(({ value, high }) => [value, high ?? 0]), mark?.value ?? 0) * 1.12 || 1;
  const labels = 30 + LETTER * Math.max(...bars.map(({ label }) => String(label).length));
  const x = (value) => labels + ((WIDTH - labels - 90) * value) / top;
  const rows = bars.map(({ label, value, low, high }, i) => {
    const y = TOP + i * ROW;
    const whisker = low === undefined ? '' : `<path class="w" d="M${x(low)} ${y + 10}H${x(high)}M${x(low)} ${y + 6}v8M${x(high)} ${y + 6}v8"/>`;
    const end = Math.max(x(value), high === undefined ? 0 : x(high)) + 8;
    return `<text x="${labels - 10}" y="${y + 15}" text-anchor="end">${escaped(label)}</text><rect x="${labels}" y="${y}" width="${x(value) - labels}" height="20" rx="3"/>${whisker}<text x="${end}" y="${y + 15}">${escaped(value)}${escaped(unit)}</text>`;
  });
  const height = TOP + bars.length * ROW + 14;
  const line = mark
    ? `<path class="m" d="M${x(mark.value)} ${TOP - 8}V${height - 12}"/><text class="s" x="${x(mark.value)}" y="${TOP - 12}" text-anchor="middle">${escaped(mark.label)}</text>`
    : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<style>text{font:13px system-ui,sans-serif;fill:#1d2433}.t{font-weight:600;font-size:15px}.s{font-size:11px}rect{fill:#4a76d6}.w{stroke:#1d2433;fill:none}.m{stroke:#a3242f;stroke-dasharray:4 3;fill:none}.b{fill:#fff}
@media(prefers-color-scheme:dark){text{fill:#e8ebf2}.w{stroke:#e8ebf2}.b{fill:#12151c}rect{fill:#7fa2f2}.m{stroke:#ff9aa2}}</style>
<rect class="b" width="${WIDTH}" height="${height}"/>
<text class="t" x="14" y="24">${escaped(title)}</text>
${line}${rows.join('\n')}
</svg>
`;
}
