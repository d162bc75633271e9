const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const two = (value: number): string => String(value).padStart(2, '0');

function offset(date: Date, separator: ':' | ''): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.trunc(size / 60))}${separator}${two(size % 60)}`;
}

const zone = (date: Date): string =>
  new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date).find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';

const elements: Readonly<Record<string, (date: Date) => string>> = {
  January: (date) => months[date.getMonth()] ?? '',
  Jan: (date) => (months[date.getMonth()] ?? '').slice(0, 3),
  Monday: (date) => days[date.getDay()] ?? '',
  Mon: (date) => (days[date.getDay()] ?? '').slice(0, 3),
  MST: zone,
  '2006': (date) => String(date.getFullYear()),
  'Z07:00': (date) => (date.getTimezoneOffset() === 0 ? 'Z' : offset(date, ':')),
  '-07:00': (date) => offset(date, ':'),
  '-0700': (date) => offset(date, ''),
  '15': (date) => two(date.getHours()),
  '01': (date) => two(date.getMonth() + 1),
  '02': (date) => two(date.getDate()),
  '03': (date) => two(date.getHours() % 12 || 12),
  '04': (date) => two(date.getMinutes()),
  '05': (date) => two(date.getSeconds()),
  '06': (date) => two(date.getFullYear() % 100),
  _2: (date) => String(date.getDate()).padStart(2, ' '),
  '1': (date) => String(date.getMonth() + 1),
  '2': (date) => String(date.getDate()),
  '3': (date) => String(date.getHours() % 12 || 12),
  '4': (date) => String(date.getMinutes()),
  '5': (date) => String(date.getSeconds()),
  PM: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  '.000': (date) => `.${String(date.getMilliseconds()).padStart(3, '0')}`,
};

/** Longest element first, so that `2006` is the year and not a day before `006`. */
const anyElement = new RegExp(
  Object.keys(elements)
    .sort((a, b) => b.length - a.length)
    .map((element) => element.replace('.', '\\.'))
    .join('|'),
  'g',
);

/**
 * Formats like Go's `time.Format`, in the process' time zone, e.g. `3:04:05PM on January 2 2006 (-07:00)`.
 * Authelia's log file names and ban messages are written in such layouts.
 */
export function formatGoTime(layout: string, date: Date): string {
  return layout.replace(anyElement, (element) => elements[element]?.(date) ?? element);
}
