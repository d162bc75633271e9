/** Path and query as `resources` sees them: decoded, without dot segments and empty segments; the last slash stays (reference 2.4). */
export function matchedPath(path: string, query: string): string {
  const decoded = decodeURIComponent(path);
  const kept: string[] = [];
  for (const segment of decoded.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const cleaned = `/${kept.join('/')}${decoded.endsWith('/') && kept.length > 0 ? '/' : ''}`;
  return query === '' ? cleaned : `${cleaned}?${query}`;
}

/** The first value of a key, as a form is read: a blank for a plus, escapes decoded; undefined where the key is not there (reference 2.5). */
export function firstValue(query: string, key: string): string | undefined {
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    if (name === key) return equals < 0 ? '' : decode(pair.slice(equals + 1));
  }
  return undefined;
}
