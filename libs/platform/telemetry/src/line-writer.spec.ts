import { describe, expect, it } from 'vitest';
import { type LineSink, LineWriter } from './line-writer.js';

/** A sink whose reader reads when told to. */
function slowSink(): LineSink & { readonly written: string[]; readonly last: string[]; read(error?: Error): void } {
  const written: string[] = [];
  const last: string[] = [];
  let reader: ((error?: Error) => void) | undefined;
  return {
    written,
    last,
    write: (chunk, done) => {
      written.push(chunk);
      reader = done;
    },
    writeLast: (chunk) => last.push(chunk),
    read: (error) => {
      const done = reader;
      reader = undefined;
      done?.(error);
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const writerOn = (sink: LineSink, maxCharacters = 100): LineWriter =>
  new LineWriter({ sink, maxCharacters, dropNotice: (lines) => `lost ${lines}\n` });

describe('LineWriter', () => {
  it('sends the lines of one turn as one chunk, in order', async () => {
    const sink = slowSink();
    const writer = writerOn(sink);
    writer.push('a\n');
    writer.push('b\n');
    expect(sink.written).toEqual([]);
    await turn();
    expect(sink.written).toEqual(['a\nb\n']);
  });

  it('keeps one chunk under way and what comes meanwhile for the next', async () => {
    const sink = slowSink();
    const writer = writerOn(sink);
    writer.push('a\n');
    await turn();
    writer.push('b\n');
    writer.push('c\n');
    await turn();
    expect(sink.written).toEqual(['a\n']);
    sink.read();
    expect(sink.written).toEqual(['a\n', 'b\nc\n']);
  });

  it('drops and counts what does not fit, keeps what does, and tells the reader once it reads again', async () => {
    const sink = slowSink();
    const writer = writerOn(sink, 10);
    writer.push('first\n');
    await turn();
    writer.push('123456789\n');
    writer.push('lost\n');
    writer.push('lost too\n');
    expect(writer.dropped).toBe(2);
    sink.read();
    expect(sink.written).toEqual(['first\n', '123456789\nlost 2\n']);
    sink.read();
    writer.push('after\n');
    await turn();
    expect(sink.written.at(-1)).toBe('after\n');
    expect(writer.dropped).toBe(2);
  });

  it('counts the lines of a chunk that could not be written, and goes on', async () => {
    const sink = slowSink();
    const writer = writerOn(sink);
    writer.push('a\n');
    writer.push('b\n');
    await turn();
    sink.read(new Error('ENOSPC'));
    expect(writer.dropped).toBe(2);
    writer.push('c\n');
    await turn();
    expect(sink.written.at(-1)).toBe('c\nlost 2\n');
  });

  it('is idle when the reader has everything', async () => {
    const sink = slowSink();
    const writer = writerOn(sink);
    await writer.idle();
    writer.push('a\n');
    let idle = false;
    const waited = writer.idle().then(() => {
      idle = true;
    });
    await turn();
    expect(idle).toBe(false);
    sink.read();
    await waited;
    expect(idle).toBe(true);
  });

  it('hands what still waits to the last write, once', () => {
    const sink = slowSink();
    const writer = writerOn(sink);
    writer.push('a\n');
    writer.flushLast();
    writer.flushLast();
    expect(sink.last).toEqual(['a\n']);
  });
});
