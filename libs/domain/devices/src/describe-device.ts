import Bowser from 'bowser';

/** Names as people know them; null: none that is known. */
export interface Device {
  readonly browser: string | null;
  readonly os: string | null;
}

/** Longer than any browser's own; what is behind it is somebody's own text. */
const MOST_CHARACTERS = 512;
const BROWSERS: ReadonlySet<string> = new Set(Object.values(Bowser.BROWSER_MAP));
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP));
/** As their makers write them now. */
const SHORTER: Readonly<Record<string, string>> = {
  'Microsoft Edge': 'Edge',
  'Samsung Internet for Android': 'Samsung Internet',
  'Chrome OS': 'ChromeOS',
};
/** Programs that people sign in with, by the first word they send. */
const PROGRAMS: ReadonlyMap<string, string> = new Map([
  ['curl', 'curl'],
  ['wget', 'Wget'],
  ['httpie', 'HTTPie'],
  ['okhttp', 'OkHttp'],
  ['postmanruntime', 'Postman'],
  ['python-requests', 'Python'],
  ['go-http-client', 'Go'],
  ['powershell', 'PowerShell'],
  ['davx5', 'DAVx⁵'],
]);

/**
 * `Firefox`, `Linux` of what a browser says of itself. What it says is anybody's text: only names on our lists are ever answered, so that
 * none of it reaches a mail or a page.
 */
export function describeDevice(userAgent: string): Device {
  const said = userAgent.slice(0, MOST_CHARACTERS).trim();
  if (said === '') return { browser: null, os: null };
  const program = PROGRAMS.get((/^[a-z\d-]+/iu.exec(said)?.[0] ?? '').toLowerCase());
  const { browser, os, platform } = Bowser.parse(said);
  return { browser: program ?? listed(BROWSERS, browser.name), os: appleDevice(os.name, platform.model) ?? listed(SYSTEMS, os.name) };
}

/** A phone and a tablet are told apart by what they are, as people do. */
const appleDevice = (os: string | undefined, model: string | undefined): string | null =>
  os === 'iOS' && (model === 'iPhone' || model === 'iPad') ? model : null;

const listed = (names: ReadonlySet<string>, name = ''): string | null => (names.has(name) ? (SHORTER[name] ?? name) : null);
