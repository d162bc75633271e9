import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { createChild, describeEnd } from './child.mjs';
import { createOutput } from './output.mjs';
import { createRelay } from './relay.mjs';
import { mergeReports } from './reports.mjs';
import { formatElapsed } from './terminal.mjs';

const POLL_MS = 40;
/** Longer than any service takes to refuse its configuration. */
const HOLD_MS = 5000;
/** After the first refusal, how long the other services may take to say theirs. */
const REPORTS_MS = 1500;
const MOST_ENDS_AT_START = 5;
const DRAIN_MS = 10_000;
/** A terminal and npm both pass on one Ctrl-C. */
const SAME_PRESS_MS = 800;

/** Why the supervisor ends: a signal, or a service that cannot start. */
class Refused extends Error {}
class Stopped extends Error {}

/**
 * Runs `stages` (lists of specs, see child.mjs; each with `ready()`: true, or within a second what it waits for) until a signal
 * comes, then ends them, the last stage first. The first stage is up before the others start; `onReady(print)` is called when
 * all are. Resolves to the exit code: 0 after a signal, 1 where a service refused to start.
 */
export async function supervise(terminal, stages, onReady) {
  const relay = createRelay();
  const output = createOutput(relay, terminal);
  const ending = new AbortController();
  let isStarting = true;

  const onEnd = (spec, end) => {
    if (isStarting && (end.code === 1 || end.ends >= MOST_ENDS_AT_START)) ending.abort(new Refused(`${spec.name} ended: ${describeEnd(end)}`));
    if (ending.signal.aborted) return false;
    output.explain(spec);
    relay.push(`! ${spec.name} ended (${describeEnd(end)}); it is started again in ${formatElapsed(end.pauseMs)}`);
    return true;
  };
  const unitOf = (spec) => ({ spec, child: createChild(spec, { onLine: (line) => output.take(spec, line), onEnd: (end) => onEnd(spec, end) }) });
  const running = stages.map((specs) => specs.map(unitOf));
  const all = running.flat();

  listenToSignals({
    onFirst: () => {
      relay.push('Stopping; once more ends everything at once.');
      ending.abort(new Stopped());
    },
    onSecond: () => all.forEach(({ child }) => child.kill()),
  });

  const holding = setTimeout(output.release, HOLD_MS);
  try {
    await terminal.step('Start the services', (say) => startAll(running, say, ending.signal));
    isStarting = false;
    output.release();
    onReady(relay.push);
    await once(ending.signal, 'abort');
  } catch (error) {
    if (error !== ending.signal.reason) throw error;
  } finally {
    clearTimeout(holding);
  }

  const { reason } = ending.signal;
  if (reason instanceof Refused) relay.push(await refusal(reason, all, output));
  else output.release();
  for (const stage of running.toReversed()) await Promise.all(stage.map(({ child }) => child.stop(DRAIN_MS)));
  await relay.flush(1000);
  return reason instanceof Refused ? 1 : 0;
}

async function startAll([first, ...others], say, signal) {
  for (const { child } of first) child.start();
  await untilReady(first, say, signal);
  for (const { child } of others.flat()) child.start();
  await untilReady(others.flat(), say, signal);
}

/** Polls until every one is ready or the signal comes; `say` gets the names of those that are not, and why. */
async function untilReady(units, say, signal) {
  let waiting = units;
  while (waiting.length > 0) {
    const answers = await Promise.all(waiting.map(({ spec }) => spec.ready()));
    signal.throwIfAborted();
    say(waiting.flatMap(({ spec }, index) => (answers[index] === true ? [] : [`${spec.name}: ${answers[index]}`])).join('; '));
    waiting = waiting.filter((_, index) => answers[index] !== true);
    if (waiting.length > 0) await pause(POLL_MS);
  }
}

/** What the services that ended had to say, each sentence once. */
async function refusal(reason, all, output) {
  await pause(REPORTS_MS);
  const reports = all.filter(({ child }) => !child.isRunning()).map(({ spec }) => output.takeHeld(spec));
  return [...mergeReports(reports), reason.message].join('\n');
}

function listenToSignals({ onFirst, onSecond }) {
  let firstAt;
  const onSignal = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      onFirst();
    } else if (performance.now() - firstAt > SAME_PRESS_MS) onSecond();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  // The parent that runs us under Node 24 is gone (runtime.mjs).
  process.on('disconnect', onSignal);
  process.channel?.unref();
  process.on('exit', onSecond);
}
