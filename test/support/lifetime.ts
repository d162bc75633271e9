import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, type RunnerTask, vi } from 'vitest';
import { resultsDir } from './config.js';

/**
 * What a test starts ends with it; what a `beforeAll` starts ends with the file. Last started, first ended, also when a test throws.
 * Importing this file in a spec is enough.
 */
export interface Ending {
  /** Runs before `end` when something failed; `folder` exists. */
  readonly keep?: (folder: string) => void | Promise<void>;
  readonly end: () => void | Promise<void>;
  /** For an exit that runs no hooks: synchronous, best effort. */
  readonly endNow?: () => void;
}

const ofTheFile: Ending[] = [];
let ofTheTest: Ending[] | undefined;

/** Registers something to be ended. Returns a function that takes it off again, for who ends it earlier. */
export type AtEnd = (ending: Ending) => () => void;

/** The `atEnd` of whoever runs now, for what will be started again later: a test that restarts what the file shares does not end it. */
export function keepAtEnd(): AtEnd {
  const list = ofTheTest ?? ofTheFile;
  return (ending) => {
    list.push(ending);
    return () => {
      const index = list.indexOf(ending);
      if (index >= 0) list.splice(index, 1);
    };
  };
}

export const atEnd: AtEnd = (ending) => keepAtEnd()(ending);

function failed(task: Readonly<RunnerTask>): boolean {
  return task.result?.state === 'fail' || ('tasks' in task && task.tasks.some(failed));
}

function folderOf(task: Readonly<RunnerTask>): string {
  const slug = (text: string): string =>
    text
      .replaceAll(/[^A-Za-z0-9.]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 100);
  const folder = join(resultsDir, slug(task.file.name), task === task.file ? 'file' : slug(task.name));
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function endAll(list: Ending[], task: Readonly<RunnerTask>): Promise<void> {
  const errors: unknown[] = [];
  const attempt = async (act: () => void | Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      errors.push(error);
    }
  };
  if (failed(task)) {
    for (const { keep } of list) if (keep) await attempt(() => keep(folderOf(task)));
  }
  for (let ending = list.pop(); ending; ending = list.pop()) await attempt(ending.end);
  if (errors.length > 0) throw new AggregateError(errors, `could not end everything: ${errors.map(String).join('; ')}`);
}

// Real processes on two busy cores: the deadlines that explain themselves are in the helpers, these only end what hangs.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

beforeEach(() => {
  ofTheTest = [];
});

afterEach(async ({ task }) => {
  const list = ofTheTest ?? [];
  ofTheTest = undefined;
  // What the file shares saw the failure too: its logs are kept beside the test's.
  if (failed(task)) for (const { keep } of ofTheFile) await keep?.(folderOf(task));
  await endAll(list, task);
});

// eslint-disable-next-line no-empty-pattern -- Vitest reads which fixtures a hook wants from this pattern, and takes no name
afterAll(async ({}, suite) => {
  await endAll(ofTheFile, suite);
});

const endNow = (): void => {
  for (const { endNow: now } of [...(ofTheTest ?? []), ...ofTheFile].reverse()) now?.();
};
process.once('exit', endNow);
process.once('SIGTERM', () => {
  process.exit(143);
});
