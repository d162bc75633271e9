import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWith, needs, root, runCommand, type RunningPortcullis, startPortcullis, tempDir, until } from '../support/index.js';
import { peopleOf, signIn, SITE } from './site.js';

const FILTER = join(root, 'deploy/fail2ban/filter.d/portcullis.conf');
/** What people have had in their filters for years. */
const OLD_FILTER = String.raw`^.*Unsuccessful (1FA|TOTP|Duo|U2F) authentication attempt by user .*remote_ip"?(:|=)"?<HOST>"?.*$`;

/** Whose addresses fail2ban would count, a line for each failure. */
async function addressesIn(log: string, filter: string): Promise<readonly string[]> {
  const file = join(tempDir('fail2ban'), 'portcullis.log');
  writeFileSync(file, log);
  const { stdout, stderr } = await runCommand(needs('fail2ban'), ['-o', 'ip', file, filter]);
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

const TRIES = [
  { ip: '203.0.113.7', username: 'ann' },
  { ip: '2001:db8::7', username: 'ann' },
  { ip: '203.0.113.8', username: 'nobody-of-that-name' },
  { ip: '203.0.113.9', username: "ann' remote_ip=198.51.100.1 service=identity" },
  { ip: '203.0.113.10', username: '","remote_ip":"198.51.100.1","service":"identity"}' },
] as const;

describeWith(['redis', 'fail2ban'], 'fail2ban', () => {
  const logOf = async (format: 'text' | 'json'): Promise<string> => {
    const portcullis: RunningPortcullis = await startPortcullis({ config: { ...SITE, log: { format } }, users: await peopleOf('ann') });
    for (const { ip, username } of TRIES)
      await portcullis.client({ host: 'auth.site.test', ip }).post('/api/firstfactor', { username, password: 'wrong' });
    await signIn(portcullis.client({ host: 'auth.site.test', ip: '203.0.113.99' }), 'ann');
    const failures = (): number => portcullis.logs('identity').split('Unsuccessful 1FA').length - 1;
    await until(() => failures() >= TRIES.length, { what: 'the log to have every failure' });
    return portcullis.logs('identity');
  };

  describe.each(['text', 'json'] as const)('with a log in %s', (format) => {
    it('counts whoever failed, by their own address, whatever they typed as their name', async () => {
      const log = await logOf(format);
      const found = new Set(await addressesIn(log, FILTER));
      expect([...found].sort()).toEqual(TRIES.map(({ ip }) => ip).sort());
      const named = log
        .replaceAll(' service=identity\n', ' service=identity instance=a\n')
        .replaceAll('"service":"identity"}\n', '"service":"identity","instance":"a"}\n');
      expect(named).not.toBe(log);
      expect(new Set(await addressesIn(named, FILTER))).toEqual(found);
      expect(new Set(await addressesIn(log, OLD_FILTER))).toContain('203.0.113.7');
    });
  });
});
