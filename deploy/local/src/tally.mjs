export const noTests = { passed: 0, failed: 0, skipped: 0 };

export const sum = (...tallies) =>
  tallies.reduce((all, one) => ({ passed: all.passed + one.passed, failed: all.failed + one.failed, skipped: all.skipped + one.skipped }), noTests);

export const tallyLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Counts and names of the failed, from Vitest's JSON report. A file that could not be loaded is one failed test. */
export function readVitestReport(report) {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const tests = report.testResults.flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ ...test, file: name })));
  const failed = tests.filter(({ status }) => status === 'failed');
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const names = [...broken.map(({ name }) => name), ...failed.map(({ file, fullName }) => `${file}: ${fullName}`)];
  return { passed, failed: names.length, skipped: tests.length - passed - failed.length, names };
}

/**
 * The tasks in what `nx run-many --outputStyle=static` printed: `done` (all that ran or came from the cache, by name, with their
 * output) and `failed` (names).
 */
export function readNxOutput(output) {
  const [body, ending = ''] = output.split(/^Failed tasks:$/m);
  const done = new Map();
  for (const block of body.split(/^> nx run /m).slice(1)) {
    const [first, ...rest] = block.split('\n');
    done.set(first.split(/\s/)[0], rest.join('\n').trim());
  }
  const failed = [...ending.matchAll(/^- (\S+)$/gm)].map(([, name]) => name);
  return { done, failed };
}
