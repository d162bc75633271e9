import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWith, type RunningProcess } from '../support/index.js';
import { mailedCode, passwordOf, persons, startWorld, tryPassword } from './world.js';

/** What a process may write, as a core dump would hold it. @see proc(5), /proc/pid/mem */
function memoryOf({ pid }: RunningProcess): readonly Buffer[] {
  const file = openSync(`/proc/${pid}/mem`, 'r');
  const read = (from: number, to: number): readonly Buffer[] => {
    const bytes = Buffer.alloc(to - from);
    try {
      return [bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from))];
    } catch {
      // Given back to the system, or reserved and never touched.
      return [];
    }
  };
  try {
    const lines = readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n');
    return lines.flatMap((line) => {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      return from === '' ? [] : read(Number(`0x${from}`), Number(`0x${to}`));
    });
  } finally {
    closeSync(file);
  }
}

const holds = (memory: readonly Buffer[], text: string): boolean =>
  [Buffer.from(text), Buffer.from(text, 'utf16le')].some((form) => memory.some((part) => part.includes(form)));

describeWith(['redis'], 'the memory of the services, as a core dump would show it', () => {
  it('holds no password where none is checked: neither the sessions nor the mails ever see one', { timeout: 120_000 }, async () => {
    const world = await startWorld({ people: persons('m1') });
    const who = await world.signIn('m1');
    await mailedCode(world, who, 'm1');
    await tryPassword(world.visitor(), 'm1', 'a-wrong-Pass:word-9');
    for (const name of ['session', 'notifier']) {
      const memory = memoryOf(world.portcullis.processes[name]!);
      expect(holds(memory, 'portcullis'), name).toBe(true);
      for (const secret of [passwordOf('m1'), 'a-wrong-Pass:word-9']) expect(holds(memory, secret), name).toBe(false);
    }
  });
});
