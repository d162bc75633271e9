const seconds = (ms) => (ms / 1000).toFixed(1);
const lost = ({ noticesAsked, noticesLost, noticesDoubled }) => `${noticesAsked} / ${noticesLost} / ${noticesDoubled}`;

const COLUMNS = [
  ['what happens', ({ fault }) => fault],
  ['requests', ({ sent }) => sent],
  ['2xx wrongly given', ({ wronglyGiven }) => wronglyGiven],
  ['sent to sign in', ({ sentToSignIn }) => sentToSignIn],
  ['sessions lost / come back to life', ({ sessionsLost, resurrected }) => `${sessionsLost} / ${resurrected}`],
  ['503', ({ unavailable }) => unavailable],
  ['cut off', ({ withoutAnswer }) => withoutAnswer],
  ['slowest answer, ms', ({ slowestMs }) => Math.round(slowestMs)],
  ['as before after, s', ({ recoverMs }) => seconds(recoverMs)],
  ['signing in after, s', ({ signInRecoverMs }) => seconds(signInRecoverMs)],
  ['notices asked / lost / doubled', lost],
  ['what a person sees', ({ sees, measured }) => `${sees} ${measured}`.trim()],
];

/** The text of docs/resilience.md, from what the run of each fault came to. */
export function resiliencePage(rows, machine) {
  const days = [...new Set(rows.map(({ at }) => at.slice(0, 10)))].join(', ');
  return `# What breaks, and what then

Written by \`npm run test:chaos -- --docs\` (${days}; ${machine}, everything on the same cores): real processes, two of each app and a Redis of their own; people who are signed in browse on
both gateways, others sign in and out, ask for mails, and try what they may not, some ${rate(rows)} requests a second before, during and after each fault. One fault alone:
\`npm run test:chaos -- -t redis-kill\`. The run fails where a column that must be 0 is not.

- **2xx wrongly given**: to nobody, to one of another group, to somebody who had signed out more than a second before. Must be 0.
- **sent to sign in**: of people whose session was there. Must be 0.
- **sessions lost / come back to life**: the first only where Redis itself lost what it was given; the second must be 0.
- **503**: with \`Retry-After\`, to people who are signed in or sign in; what is open to everybody was answered with 200 in every row. **cut off**: no answer, the process that held it was killed.
- **as before after**, **signing in after**: from the moment the fault is over until the last answer that differs from a good day, and until somebody has signed in.
- **notices**: mails asked for meanwhile. Lost and doubled must be 0.

| ${COLUMNS.map(([name]) => name).join(' | ')} |
|${COLUMNS.map(() => ' --- |').join('')}
${rows.map((row) => `| ${COLUMNS.map(([, text]) => String(text(row)).replaceAll('|', '\\|')).join(' | ')} |`).join('\n')}
`;
}

const rate = (rows) =>
  rows.length === 0 ? 0 : Math.round(Math.max(...rows.filter(({ seconds: took }) => took > 0).map(({ sent, seconds: took }) => sent / took)));
