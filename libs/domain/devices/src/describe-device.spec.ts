import { describe, expect, it } from 'vitest';
import { describeDevice } from './describe-device.js';

const webKit = (system: string, rest: string): string => `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) ${rest}`;
const WINDOWS = 'Windows NT 10.0; Win64; x64';
const MAC = 'Macintosh; Intel Mac OS X 10_15_7';
const IPHONE = 'iPhone; CPU iPhone OS 18_1 like Mac OS X';

describe('a user agent', () => {
  it.each([
    ['Firefox', 'Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'],
    ['Firefox', 'Android', 'Mozilla/5.0 (Android 14; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0'],
    ['Firefox', 'iPhone', webKit(IPHONE, 'FxiOS/145.0 Mobile/15E148 Safari/605.1.15')],
    ['Safari', 'iPhone', webKit(IPHONE, 'Version/18.1 Mobile/15E148 Safari/604.1')],
    ['Safari', 'iPad', webKit('iPad; CPU OS 17_1 like Mac OS X', 'Version/17.1 Mobile/15E148 Safari/604.1')],
    ['Safari', 'macOS', webKit(MAC, 'Version/18.1 Safari/605.1.15')],
    ['DuckDuckGo', 'macOS', webKit(MAC, 'Version/18.1 Safari/605.1.15 Ddg/18.1')],
    ['Chrome', 'Windows', webKit(WINDOWS, 'Chrome/142.0.0.0 Safari/537.36')],
    ['Chrome', 'Android', webKit('Linux; Android 10; K', 'Chrome/142.0.0.0 Mobile Safari/537.36')],
    ['Chrome', 'ChromeOS', webKit('X11; CrOS x86_64 14541.0.0', 'Chrome/142.0.0.0 Safari/537.36')],
    ['Chromium', 'Linux', webKit('X11; Ubuntu; Linux x86_64', 'Ubuntu Chromium/142.0.0.0 Chrome/142.0.0.0 Safari/537.36')],
    ['Edge', 'Windows', webKit(WINDOWS, 'Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0')],
    ['Opera', 'Windows', webKit(WINDOWS, 'Chrome/142.0.0.0 Safari/537.36 OPR/125.0.0.0')],
    ['Samsung Internet', 'Android', webKit('Linux; Android 10; K', 'SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36')],
    ['Vivaldi', 'Linux', webKit('X11; Linux x86_64', 'Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.7')],
    ['curl', null, 'curl/8.5.0'],
    ['Python', null, 'python-requests/2.31'],
    ['DAVx⁵', 'Android', 'DAVx5/4.3 (dav4jvm; okhttp) Android/14'],
  ])('of %s on %s is known', (browser, os, userAgent) => {
    expect(describeDevice(userAgent)).toEqual({ browser, os });
  });

  it.each([
    ['nothing', ''],
    ['blank', ' '],
    ['a letter', 'x'],
    ['markup', '<b>x</b>/1.0 (y)'],
    ['an invitation', 'Your bank https://example.org/1.0 (call us)'],
    ['a header of its own', '\r\nSubject: x/1 (y)'],
    ['100 kB of slashes', '/'.repeat(100_000)],
    ['60 kB of brackets', '(((((;'.repeat(10_000)],
  ])('that is %s is nobody we know', (_, userAgent) => {
    expect(describeDevice(userAgent)).toEqual({ browser: null, os: null });
  });

  it.each(['constructor', '__proto__', 'toString/1.0 (x)'])('named like a part of the language is no program: %s', (userAgent) => {
    expect(describeDevice(userAgent).browser).toBeNull();
  });
});
