import { describe, expect, it } from 'vitest';
import { readNxOutput, readVitestReport, sum, tallyLine } from './tally.mjs';

describe('counts', () => {
  it('of several runs are added up in one line', () => {
    const total = sum({ passed: 3, failed: 0, skipped: 1 }, { passed: 4, failed: 2, skipped: 0, names: ['a', 'b'] });
    expect(tallyLine(total)).toBe('7 passed, 2 failed, 1 skipped');
  });

  it('of Vitest: a test that is not passed or failed is skipped, and failed ones are named', () => {
    const report = {
      testResults: [
        { name: 'a.spec.ts', status: 'passed', assertionResults: [{ status: 'passed' }, { status: 'pending' }, { status: 'skipped' }] },
        { name: 'b.spec.ts', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'it breaks' }, { status: 'passed' }] },
      ],
    };
    expect(readVitestReport(report)).toEqual({ passed: 2, failed: 1, skipped: 2, names: ['b.spec.ts: it breaks'] });
  });

  it('of Vitest: a file that could not be loaded is one failed test', () => {
    const report = { testResults: [{ name: 'c.spec.ts', status: 'failed', message: 'SyntaxError', assertionResults: [] }] };
    expect(readVitestReport(report)).toEqual({ passed: 0, failed: 1, skipped: 0, names: ['c.spec.ts'] });
  });

  it('of nx: every task with its output, and the failed ones', () => {
    const { done, failed } = readNxOutput(`
> nx run @x/a:lint  [local cache]

> eslint a

> nx run @x/b:lint

> eslint b

b.ts 1:1 error

 NX   Running target lint for 2 projects failed

Failed tasks:

- @x/b:lint

  Run duration:      1.2s
`);
    expect([...done.keys()]).toEqual(['@x/a:lint', '@x/b:lint']);
    expect(done.get('@x/b:lint')).toContain('b.ts 1:1 error');
    expect(failed).toEqual(['@x/b:lint']);
  });
});
