/** How much of a quiet program's output is kept to explain its end. */
const KEPT_LINES = 40;

/**
 * What the services say, on its way to the reader. Until `release` the lines are held back, so that the same report of four
 * services can be printed once (`takeHeld`). Of a spec with `isQuiet` the last lines are kept, and shown by `explain` alone.
 */
export function createOutput(relay, terminal) {
  const linesOf = new Map();
  let isHeld = true;

  const kept = (spec) => {
    if (!linesOf.has(spec)) linesOf.set(spec, []);
    return linesOf.get(spec);
  };
  const show = (spec, line) => relay.push(terminal.isLive ? `${terminal.faint(`${spec.name} |`)} ${line}` : line);

  function take(spec, line) {
    if (!isHeld && !spec.isQuiet) return show(spec, line);
    const lines = kept(spec);
    lines.push(line);
    if (spec.isQuiet && lines.length > KEPT_LINES) lines.shift();
  }

  const explain = (spec) => {
    for (const line of kept(spec).splice(0)) show(spec, line);
  };

  function release() {
    isHeld = false;
    for (const spec of linesOf.keys()) if (!spec.isQuiet) explain(spec);
  }

  return { take, explain, release, takeHeld: (spec) => kept(spec).splice(0) };
}
