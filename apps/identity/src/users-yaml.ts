import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parse, parseDocument, type Pair } from 'yaml';

/** The text of a users file with another digest for one user and not one other byte changed; null: the user's password is not written there plainly. */
export function replaceDigest(text: string, username: string, digest: string): string | null {
  const document = parseDocument(text);
  const users = document.get('users');
  const user = isMap(users) ? valueOf(users.items, username) : undefined;
  const password = isMap(user) ? valueOf(user.items, 'password') : undefined;
  // An anchor would hand the new digest to everybody who refers to it.
  if (!isScalar(password) || password.anchor !== undefined || !password.range) return null;
  const [start, end] = password.range;
  const newline = text.slice(start, end).endsWith('\n') ? '\n' : '';
  const edited = `${text.slice(0, start)}${JSON.stringify(digest)}${newline}${text.slice(end)}`;
  password.value = digest;
  return isDeepStrictEqual(parse(edited), document.toJS()) ? edited : null;
}

const valueOf = (pairs: readonly Pair[], name: string): unknown => pairs.find(({ key }) => isScalar(key) && String(key.value) === name)?.value;
