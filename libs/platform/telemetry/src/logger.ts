import { formatGoTime } from './go-time.js';
import { type LineSink, LineWriter } from './line-writer.js';
import { formatLogFilePath } from './log-file-path.js';
import { lineFormatter, type LogFields, type LogFormat, type LogLevel } from './log-line.js';
import { fileSink, standardOutputSink } from './log-sink.js';

/** Never throws, never waits. */
export type WriteLog = (message: string, fields?: LogFields) => void;

export interface Logger {
  readonly error: WriteLog;
  readonly warn: WriteLog;
  readonly info: WriteLog;
  readonly debug: WriteLog;
  readonly trace: WriteLog;
  /** Ask before building costly fields. */
  readonly enabled: (level: LogLevel) => boolean;
  /** Closes and opens the log file again (for SIGHUP); nothing for standard output. */
  readonly reopen: () => void;
  /** Lines lost since the start because the reader or the disk was too slow or gone. */
  readonly dropped: () => number;
  /** Resolves when what was logged so far is written, or after deadlineMs (default 1000). */
  readonly flush: (deadlineMs?: number) => Promise<void>;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Authelia's `log.file_path`, with `%d`, `{datetime}` or `{datetime:<Go layout>}`. */
  readonly filePath?: string | undefined;
  /** With a file: write to standard output as well (`log.keep_stdout`). */
  readonly keepStdout?: boolean | undefined;
  /** The last field of every line, with `instance` behind it where there are several of the service. */
  readonly service: string;
  readonly instance?: string | undefined;
}

const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];
const maxWaitingCharacters = 1024 * 1024;
const none: LogFields = {};

const writersToFlush = new Set<LineWriter>();
function flushAtExit(writer: LineWriter): void {
  if (writersToFlush.size === 0) {
    process.once('exit', () => {
      for (const each of writersToFlush) each.flushLast();
    });
  }
  writersToFlush.add(writer);
}

/** Whole seconds, so one text serves all lines of a second. */
function clock(): () => string {
  let second = -1;
  let text = '';
  return () => {
    const now = Date.now();
    const current = Math.trunc(now / 1000);
    if (current !== second) {
      second = current;
      text = formatGoTime('2006-01-02T15:04:05Z07:00', new Date(now));
    }
    return text;
  };
}

/** Throws when the log file cannot be opened. */
export function createLogger(options: LoggerOptions): Logger {
  const format = lineFormatter(options.format, options.service, options.instance);
  const time = clock();
  const loudest = levels.indexOf(options.level);
  const dropNotice = (lines: number): string =>
    format(time(), 'warn', 'Log lines were lost: they were written faster than they were read', { lines });

  const { filePath } = options;
  const file = filePath === undefined ? undefined : fileSink(() => formatLogFilePath(filePath, new Date()));
  const sinks: LineSink[] = file ? [file] : [];
  if (!file || options.keepStdout === true) sinks.push(standardOutputSink());
  const writers = sinks.map((sink) => new LineWriter({ sink, maxCharacters: maxWaitingCharacters, dropNotice }));
  writers.forEach(flushAtExit);

  const log =
    (level: LogLevel): WriteLog =>
    (message, fields = none) => {
      const line = format(time(), level, message, fields);
      for (const writer of writers) writer.push(line);
    };
  const enabled = (level: LogLevel): boolean => levels.indexOf(level) <= loudest;
  const when = (level: LogLevel): WriteLog => (enabled(level) ? log(level) : () => undefined);
  const error = when('error');

  return {
    error,
    warn: when('warn'),
    info: when('info'),
    debug: when('debug'),
    trace: when('trace'),
    enabled,
    reopen: () => {
      try {
        file?.reopen();
      } catch (cause) {
        error('The log file could not be opened again; the old one stays in use', { error: String(cause) });
      }
    },
    dropped: () => writers.reduce((sum, writer) => sum + writer.dropped, 0),
    flush: async (deadlineMs = 1000) => {
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, deadlineMs);
      });
      await Promise.race([Promise.all(writers.map((writer) => writer.idle())), deadline]);
      clearTimeout(timer);
    },
  };
}
