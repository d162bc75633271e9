export interface Mail {
  /** Names in lower case, values unfolded, encoded words read. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

interface MailPart {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const bytes = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');
const unquote = (text: string): string =>
  bytes(text.replaceAll(/=\r?\n/g, '').replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))));

/** @see RFC 2047 */
function readWords(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString('utf8') : unquote(text.replaceAll('_', ' ')),
    );
}

function split(source: string): MailPart {
  const end = source.indexOf('\r\n\r\n');
  const head = source.slice(0, end < 0 ? undefined : end).replaceAll(/\r\n[ \t]+/g, ' ');
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = readWords(bytes(line.slice(colon + 1).trim()));
  }
  return { headers, body: end < 0 ? '' : source.slice(end + 4) };
}

function decode({ headers, body }: MailPart): string {
  switch (headers['content-transfer-encoding']?.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    case 'quoted-printable':
      return unquote(body);
    default:
      return bytes(body);
  }
}

function leaves(part: MailPart): readonly MailPart[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(part.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return [part];
  // The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
  const [, ...pieces] = `\r\n${part.body}`.split(`\r\n--${boundary}`);
  return pieces.slice(0, -1).flatMap((piece) => leaves(split(piece.replace(/^[ \t]*\r\n/, ''))));
}

/** Reads what a mail program would show: headers, the text and the HTML. Source in latin1, line ends CRLF. */
export function parseMail(source: string): Mail {
  const whole = split(source);
  const body = (type: string): string => {
    const part = leaves(whole).find(({ headers }) => (headers['content-type'] ?? 'text/plain').toLowerCase().startsWith(type));
    return part ? decode(part).replaceAll('\r\n', '\n') : '';
  };
  return { headers: whole.headers, text: body('text/plain'), html: body('text/html') };
}
