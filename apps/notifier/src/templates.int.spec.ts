import type { Notice } from '@portcullis/contracts-notifier';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { renderNotice } from './render-notice.js';
import { loadTemplates } from './templates.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'templates-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const to = { name: 'Alice', address: 'alice@example.com' };
const code: Notice = {
  kind: 'one_time_code',
  to,
  code: 'ABCDEFGH',
  expiresAtMs: 0,
  revokeUrl: 'https://auth.example.com/revoke',
  remoteIp: '192.0.2.1',
  domain: 'example.com',
};
const event: Notice = { kind: 'event', to, event: 'totp_added', remoteIp: '192.0.2.1', atMs: 0 };

it('takes a file of the same name in the place of a built-in text, and leaves the others', () => {
  writeFileSync(join(directory, 'IdentityVerificationOTC.txt'), 'Code for {{ .DisplayName }} at {{ .Domain }}: {{ .OneTimeCode }}\n');
  const { text, html } = renderNotice(code, loadTemplates(directory));
  expect(text).toBe('Code for Alice at example.com: ABCDEFGH\n');
  expect(html).toContain('<!doctype html>');
});

it('fills in every field that a template for events can have', () => {
  const fields = '{{ .Title }} {{ .DisplayName }} {{ .RemoteIP }} {{ .BodyPrefix }} {{ .BodyEvent }} {{ .BodySuffix }}';
  writeFileSync(join(directory, 'Event.txt'), `${fields}{{ range $key, $value := .Details }} {{ $key }}={{ $value }}{{ end }}`);
  expect(renderNotice(event, loadTemplates(directory)).text).toMatch(
    /^Second Factor Method Added Alice 192\.0\.2\.1 .* Action=Second factor added Address=192/u,
  );
});

it('fills in every field that a template for new devices can have', () => {
  const fields = '{{ .Title }} {{ .DisplayName }} {{ .RemoteIP }} {{ .Device }} {{ .Domain }} {{ .Time }} {{ .LinkURL }} {{ .LinkText }}';
  writeFileSync(join(directory, 'NewDevice.txt'), fields);
  const notice = { ...code, kind: 'new_device', device: 'Firefox on Linux', disownUrl: 'https://auth.example.com/x', atMs: 0 } as const;
  expect(renderNotice(notice, loadTemplates(directory)).text).toMatch(
    /^New sign-in to your account Alice 192\.0\.2\.1 Firefox on Linux example\.com .*1970 https:\/\/auth\.example\.com\/x This was not me$/u,
  );
});

it('refuses a template with a misspelt field before a mail needs it, and names the file', () => {
  writeFileSync(join(directory, 'Event.html'), '{{ .DisplayNmae }}');
  expect(() => loadTemplates(directory)).toThrow(`${join(directory, 'Event.html')}: there is no field '.DisplayNmae'`);
});

it('refuses a field that only another kind of mail has', () => {
  writeFileSync(join(directory, 'Event.txt'), '{{ .OneTimeCode }}');
  expect(() => loadTemplates(directory)).toThrow(/Event\.txt: there is no field '\.OneTimeCode'/u);
});

it('refuses a directory that is not there', () => {
  expect(() => loadTemplates(join(directory, 'nowhere'))).toThrow(/is not a directory/u);
});
