import { keepLayout } from '@portcullis/platform-config';
import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, type Pair, parse, parseDocument, Scalar, type YAMLMap } from 'yaml';
import type { Field, UserChange } from './user-edits.js';

const AS_WRITTEN = { lineWidth: 0, flowCollectionPadding: true } as const;
const KEYS: Readonly<Record<Field, string>> = {
  displayName: 'displayname',
  email: 'email',
  groups: 'groups',
  disabled: 'disabled',
  digest: 'password',
};

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

/**
 * The text of a users file with these changes: comments, order and what nobody changed stay as somebody wrote them. null: it cannot be
 * done without guessing, as where what one person has is written at another (anchors, `<<`).
 */
export function editUsers(text: string, changes: readonly UserChange[]): string | null {
  const document = parseDocument(text);
  const users = document.get('users');
  if (!isMap(users)) return null;
  const before = document.toString(AS_WRITTEN);
  if (!changes.every((change) => applyTo(document, users, change))) return null;
  const after = document.toString(AS_WRITTEN);
  const means = (edited: string): boolean => isDeepStrictEqual(parse(edited), document.toJS());
  return [keepLayout(text, before, after), after].find(means) ?? null;
}

function applyTo(document: Document, users: YAMLMap, { username, before, after, fields }: UserChange): boolean {
  const at = users.items.findIndex((pair) => isNamed(pair, username));
  if (after === null) {
    if (at === -1 || hasAnchor(users.items[at]?.value)) return false;
    users.items.splice(at, 1);
    return true;
  }
  if (before === null) {
    const { displayName, email, groups, disabled, digest } = after;
    const section = {
      ...(disabled && { disabled }),
      displayname: displayName,
      password: quoted(digest),
      ...(email !== null && { email }),
      ...(groups.length > 0 && { groups: [...groups] }),
    };
    users.add(document.createPair(username, section));
    return true;
  }
  const user = users.items[at]?.value;
  if (!isMap(user)) return false;
  return fields.every((field) => {
    const key = KEYS[field];
    const value = after[field];
    if (hasAnchor(valueOf(user.items, key))) return false;
    if (value === null) user.items = user.items.filter((pair) => !isNamed(pair, key));
    else setIn(document, user, key, field === 'digest' ? quoted(String(value)) : value);
    return true;
  });
}

function setIn(document: Document, user: YAMLMap, key: string, value: unknown): void {
  const pair = user.items.find((each) => isNamed(each, key));
  if (pair === undefined) user.add(document.createPair(key, value));
  else if (isScalar(pair.value) && !Array.isArray(value)) pair.value.value = value instanceof Scalar ? value.value : value;
  else pair.value = document.createNode(value);
}

function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

const hasAnchor = (node: unknown): boolean => typeof node === 'object' && node !== null && 'anchor' in node && node.anchor !== undefined;
const isNamed = ({ key }: Pair, name: string): boolean => (isScalar(key) ? String(key.value) : key) === name;
const valueOf = (pairs: readonly Pair[], name: string): unknown => pairs.find((pair) => isNamed(pair, name))?.value;
