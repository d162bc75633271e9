import { existsSync, globSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { describeWith, runCommand, startPostgres, startRoad, startSmtp, tempDir } from '../support/index.js';
import { CONFIGURATION, scenario, type Site } from './site.js';

const pidsOf = (site: Site): readonly number[] => Object.values(site.portcullis.processes).map(({ pid }) => pid);

/** Debian's libfaketime: `apt-get install libfaketime`, or a path of its own. */
const clockLibrary =
  process.env['FAKETIME_LIBRARY_PATH'] ??
  globSync('/usr/lib/{*,*/*}/faketime/libfaketimeMT.so.1')[0] ??
  globSync('/usr/lib/faketime/libfaketimeMT.so.1')[0];

describeWith(['redis'], 'what stands around', () => {
  scenario('smtp-away', async (begin) => {
    const smtp = await startSmtp({ tls: 'none' });
    const road = await startRoad(smtp.port);
    const notifier = { smtp: { address: `smtp://127.0.0.1:${road.port}`, sender: 'gate@example.com', disable_require_tls: true } };
    const mails = () => smtp.messages.map(({ to, source }) => `${to.join(' ')}\n${source}`);
    const site = await begin({ config: { ...CONFIGURATION, notifier }, mails });
    await site.breaks(() => {
      road.close();
    }, 8000);
    await site.mends(() => {
      road.open();
    });
    return site;
  });

  scenario('smtp-cut-off', async (begin) => {
    const smtp = await startSmtp({ tls: 'none' });
    const notifier = { smtp: { address: `smtp://127.0.0.1:${smtp.port}`, sender: 'gate@example.com', disable_require_tls: true } };
    // Twice the same mail is one, where its Message-ID says so.
    const mails = () => [...new Map(smtp.messages.map(({ to, source }) => [/^Message-ID: .*$/im.exec(source)?.[0], to.join(' ')])).values()];
    const site = await begin({ config: { ...CONFIGURATION, notifier }, mails });
    await site.breaks(() => {
      smtp.receive('take and hang up');
    }, 4000);
    await site.mends(() => {
      smtp.receive('take');
    });
    return site;
  });

  scenario('disk-full-notices', async (begin) => {
    const site = await begin();
    const { mailFile } = site.portcullis;
    await site.breaks(() => {
      renameSync(mailFile, `${mailFile}.kept`);
      symlinkSync('/dev/full', mailFile);
    }, 8000);
    await site.mends(() => {
      rmSync(mailFile);
      if (existsSync(`${mailFile}.kept`)) renameSync(`${mailFile}.kept`, mailFile);
    });
    return site;
  });

  scenario('disk-full', async (begin) => {
    const log = { level: 'debug', file_path: join(tempDir('log'), 'portcullis.log'), keep_stdout: true, decisions: 'all' };
    const site = await begin({ config: { ...CONFIGURATION, log } });
    const limit = (bytes: string) => Promise.all(pidsOf(site).map((pid) => runCommand('prlimit', ['--pid', String(pid), `--fsize=${bytes}`])));
    await site.breaks(() => limit('1:unlimited'), 6000);
    await site.mends(() => limit('unlimited:unlimited'));
    return site;
  });

  scenario('stdout-unread', async (begin) => {
    const site = await begin({ config: { ...CONFIGURATION, log: { level: 'trace', decisions: 'all' } } });
    const listen = (on: boolean): void => {
      for (const running of Object.values(site.portcullis.processes)) running.listen(on);
    };
    await site.breaks(() => {
      listen(false);
    }, 10_000);
    await site.mends(() => {
      listen(true);
    });
    return site;
  });
});

describe.skipIf(clockLibrary === undefined)('the clock (needs libfaketime)', () => {
  scenario('clock-off', async (begin) => {
    const file = join(tempDir('clock'), 'offset');
    writeFileSync(file, '+0\n');
    const env = { LD_PRELOAD: clockLibrary ?? '', FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    const second = ['verify-gateway-2', 'identity-2', 'session-2', 'notifier-2'];
    const site = await begin({ envOf: Object.fromEntries(second.map((name) => [name, env])) });
    await site.breaks(() => {
      writeFileSync(file, '+60s\n');
    }, 5000);
    await site.breaks(() => {
      writeFileSync(file, '-60s\n');
    }, 5000);
    await site.mends(() => {
      writeFileSync(file, '+0\n');
    });
    return site;
  });
});

describeWith(['redis', 'postgres'], 'PostgreSQL in the place of the file', () => {
  scenario('postgres-kill', async (begin) => {
    const postgres = await startPostgres();
    const site = await begin({ config: { ...CONFIGURATION, storage: { postgres: postgres.storage } } });
    await site.breaks(() => postgres.crash(), 4000);
    await site.mends(() => postgres.restart());
    return site;
  });

  scenario('postgres-stop', async (begin) => {
    const postgres = await startPostgres();
    const site = await begin({ config: { ...CONFIGURATION, storage: { postgres: postgres.storage } } });
    await site.breaks(() => {
      postgres.freeze();
    }, 10_000);
    await site.mends(() => {
      postgres.thaw();
    });
    return site;
  });
});
