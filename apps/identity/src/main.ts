// Nothing is imported before the check: an older Node fails at the first import of what it does not have, and says nothing a person can use.
const NEEDED = 24;
if (Number.parseInt(process.versions.node, 10) >= NEEDED) await import('./start.js');
else {
  process.stderr.write(`Portcullis needs Node ${NEEDED} or later; this is Node ${process.versions.node}. \`npm start\` brings its own.\n`);
  process.exitCode = 1;
}
