import { formatGoTime } from './go-time.js';

const placeholder = /%d|\{datetime(?::([^}]+))?\}/;

/** Fills the first `%d`, `{datetime}` (both RFC 3339) or `{datetime:<Go layout>}` of Authelia's `log.file_path`. */
export function formatLogFilePath(path: string, now: Date): string {
  return path.replace(placeholder, (_, layout: string | undefined) => formatGoTime(layout ?? '2006-01-02T15:04:05Z07:00', now));
}
