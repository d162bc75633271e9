export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';
export type LogValue = string | number | boolean | undefined;
/** Printed after the message in insertion order; a value that is undefined is left out. */
export type LogFields = Readonly<Record<string, LogValue>>;
export type LogFormat = 'text' | 'json';

// Most values are plain: asking first is several times cheaper than replacing nothing.
const plain = /^[ !#-[\]-~]*$/;
const bareText = /^[A-Za-z0-9\-._/@^+]*$/;
// Whatever a terminal, a log reader or a person could take for a line end, an escape sequence or a change of direction.
const unprintable = /["\\]|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
const unprintableInJson = /[\p{C}\p{Zl}\p{Zp}]/gu;
const plainName = /^(?!(?:time|level|msg)$)[A-Za-z0-9_.-]*$/;
const oddInName = /[^A-Za-z0-9_.-]/g;

const shortEscapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function unicodeEscape(character: string): string {
  let escaped = '';
  for (let index = 0; index < character.length; index++) escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  return escaped;
}

function quote(value: string): string {
  return plain.test(value) ? `"${value}"` : `"${value.replace(unprintable, (character) => shortEscapes[character] ?? unicodeEscape(character))}"`;
}

function textValue(value: string): string {
  return bareText.test(value) ? value : quote(value);
}

function jsonString(value: string): string {
  return plain.test(value) ? `"${value}"` : JSON.stringify(value).replace(unprintableInJson, unicodeEscape);
}

/** As logrus does: a field cannot take the place of the line's own three. */
function fieldName(name: string): string {
  if (plainName.test(name)) return name;
  const clean = name.replace(oddInName, '_');
  return plainName.test(clean) ? clean : `fields.${clean}`;
}

// logrus spells it out; dashboards and filters look for the long word.
const levelWord = (level: LogLevel): string => (level === 'warn' ? 'warning' : level);

function textLine(time: string, level: LogLevel, message: string, fields: LogFields, last: string): string {
  let line = `time="${time}" level=${levelWord(level)} msg=${textValue(message)}`;
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) line += ` ${fieldName(name)}=${textValue(String(value))}`;
  }
  return `${line}${last}\n`;
}

function jsonLine(time: string, level: LogLevel, message: string, fields: LogFields, last: string): string {
  let line = `{"level":"${levelWord(level)}","msg":${jsonString(message)},"time":"${time}"`;
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) line += `,"${fieldName(name)}":${typeof value === 'string' ? jsonString(value) : JSON.stringify(value)}`;
  }
  return `${line}${last}}\n`;
}

export type FormatLine = (time: string, level: LogLevel, message: string, fields: LogFields) => string;

/**
 * One line, ended by the only newline in it. `text` is logrus' text form (`time="…" level=error msg="…" method=POST remote_ip=1.2.3.4`),
 * which fail2ban filters read; `json` has level, msg and time before the fields. The service's name comes last in both, and behind it the instance's
 * where there are several.
 */
export function lineFormatter(format: LogFormat, service: string, instance?: string): FormatLine {
  const names = Object.entries({ service, instance }).flatMap(([field, name]) => (name === undefined ? [] : [[field, fieldName(name)] as const]));
  const line = format === 'json' ? jsonLine : textLine;
  const last = names.map(([field, name]) => (format === 'json' ? `,"${field}":"${name}"` : ` ${field}=${name}`)).join('');
  return (time, level, message, fields) => line(time, level, message, fields, last);
}
