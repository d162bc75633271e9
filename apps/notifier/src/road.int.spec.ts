import { writeFileSync } from 'node:fs';
import { eventually, freePort } from '@portcullis/platform-redis/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Installation, type InstallationOptions } from './road.fixture.js';
import { type MailServer, type MailServerOptions, refusal, startMailServer } from './smtp.fixture.js';

// Several processes are started in each test; the deadlines that explain themselves are those of `eventually`.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const TO_FILE = '  filesystem: { filename: DIRECTORY/mail.txt, append: true }';
const LAST_TO_FILE = '  filesystem: { filename: DIRECTORY/mail.txt }';
const byMail = ({ settings }: MailServer): string =>
  `  smtp:\n    address: smtp://127.0.0.1:${settings.port}\n    sender: Portcullis <portcullis@example.com>\n    timeout: 2s\n    tls: { skip_verify: true }`;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});
const install = async (options: InstallationOptions): Promise<Installation> => {
  const installation = await Installation.make(options);
  opened.push(installation);
  return installation;
};
const mailServer = async (options: MailServerOptions = {}): Promise<MailServer> => {
  const server = await startMailServer(options);
  opened.push(server);
  return server;
};
const codesIn = (text: string): readonly string[] => [...text.matchAll(/^[A-Z0-9]{8}$/gmu)].map(([code]) => code);
const linksIn = (text: string): readonly URL[] => [...text.matchAll(/^https:\S+$/gmu)].map(([link]) => new URL(link));

describe('from a request to a person', () => {
  it('a code goes through store, queue and file, and back in', async () => {
    const installation = await install({ notifier: LAST_TO_FILE });
    await Promise.all([installation.start('identity'), installation.start('notifier')]);
    await installation.askForCode();
    await installation.allDelivered(1);
    const mail = installation.read('mail.txt');
    expect(mail).toMatch(/^Date: .*\nRecipient: \{The alice alice@example\.com\}\nSubject: Confirm your identity\n/u);
    const [code = ''] = codesIn(mail);
    expect(await installation.identity.finishElevation({ username: 'alice', handle: 'alice-1', ip: '192.0.2.1', code })).toEqual({
      outcome: 'elevated',
      elevatedForMs: 600_000,
    });
  });

  it('a link goes the same way, its cancel link opens nothing, and it works once in all processes', async () => {
    const installation = await install({ notifier: LAST_TO_FILE });
    await Promise.all([installation.start('identity'), installation.start('identity'), installation.start('notifier')]);
    expect(await installation.identity.startReset({ username: 'alice', ip: '192.0.2.1', domain: 'example.com' })).toEqual({ outcome: 'accepted' });
    expect(await installation.identity.startReset({ username: 'nobody', ip: '192.0.2.1', domain: 'example.com' })).toEqual({ outcome: 'accepted' });
    await installation.allDelivered(1);
    const [link, cancel] = linksIn(installation.read('mail.txt'));
    expect([link?.pathname, cancel?.pathname]).toEqual(['/reset-password/step2', '/revoke/reset-password']);
    const finish = (url: URL | undefined) =>
      installation.identity.finishReset({ token: url?.searchParams.get('token') ?? '', ip: '192.0.2.1', domain: 'example.com' });
    expect(await finish(cancel)).toEqual({ outcome: 'refused', reason: 'invalid' });
    const replies = await Promise.all(Array.from({ length: 24 }, () => finish(link)));
    expect(replies.filter(({ outcome }) => outcome === 'granted')).toHaveLength(1);
    expect(replies.filter((reply) => reply.outcome === 'refused' && reply.reason === 'used')).toHaveLength(23);
    expect(await installation.notices()).toHaveLength(1);
  });

  it('word of a new device and of a recovery code goes the same way', async () => {
    const installation = await install({ notifier: TO_FILE });
    await Promise.all([installation.start('identity'), installation.start('notifier')]);
    const signIn = { username: 'alice', domain: 'example.com', userAgent: 'curl/8.5.0', deviceToken: null };
    await installation.identity.recordSignIn({ ...signIn, handle: 'alice-1', ip: '192.0.2.1' });
    expect(await installation.identity.recordSignIn({ ...signIn, handle: 'alice-2', ip: '203.0.113.9' })).toMatchObject({ device: 'new' });
    const request = { username: 'alice', force: false, secret: null, secretSize: null, algorithm: null, digits: null, periodS: null, issuer: null };
    expect(await installation.admin.generateTotp(request)).toMatchObject({ outcome: 'generated' });
    const made = await installation.identity.renewRecoveryCodes({ username: 'alice', ip: '192.0.2.1' });
    const origin = { ip: '192.0.2.1', method: 'POST', path: '/', targetUrl: null, targetMethod: null };
    const [code = ''] = made.outcome === 'made' ? made.codes : [];
    expect(await installation.identity.verifyRecoveryCode({ username: 'alice', code, origin })).toMatchObject({ outcome: 'verified' });
    await installation.allDelivered(3);
    const mail = installation.read('mail.txt');
    expect([...mail.matchAll(/^Subject: (.*)$/gmu)].map(([, subject]) => subject).sort()).toEqual([
      'A recovery code was used',
      'New recovery codes',
      'New sign-in to your account',
    ]);
    expect(mail).toMatch(/^Device: curl$/mu);
    expect(linksIn(mail).map(({ pathname }) => pathname)).toEqual(['/revoke/session']);
    for (const each of made.outcome === 'made' ? made.codes : []) expect(mail).not.toContain(each);
  });

  it('a code lets one through of many that use it at once in two processes', async () => {
    const installation = await install({ notifier: LAST_TO_FILE });
    await Promise.all([installation.start('identity'), installation.start('identity'), installation.start('notifier')]);
    await installation.askForCode();
    await installation.allDelivered(1);
    const [code = ''] = codesIn(installation.read('mail.txt'));
    const request = { username: 'alice', handle: 'alice-1', ip: '192.0.2.1', code };
    const replies = await Promise.all(Array.from({ length: 24 }, () => installation.identity.finishElevation(request)));
    expect(replies.filter(({ outcome }) => outcome === 'elevated')).toHaveLength(1);
  });
});

describe('nothing is lost and nothing doubled', () => {
  it('when the notifier is away, killed, and the queue emptied', async () => {
    const names = ['alice', 'bob', 'carol', 'dave'];
    const installation = await install({ notifier: TO_FILE, names });
    await installation.start('identity');
    await installation.askForCode('alice');
    const first = await installation.start('notifier');
    await installation.allDelivered(1);
    await first.end('SIGKILL');
    await installation.askForCode('bob');
    await installation.raw.flushall();
    await installation.askForCode('carol');
    const second = await installation.start('notifier');
    await installation.allDelivered(3);
    expect(await second.end('SIGTERM')).toBe(0);
    await installation.askForCode('dave');
    await installation.start('notifier');
    await installation.allDelivered(4);
    expect([...installation.read('mail.txt').matchAll(/^Recipient: \{The (\w+)/gmu)].map(([, name]) => name).sort()).toEqual(names);
  });

  it('when identity is killed before its notice went, and Redis comes back empty', async () => {
    const installation = await install({ notifier: TO_FILE });
    const identity = await installation.start('identity');
    await installation.askForCode();
    await identity.end('SIGKILL');
    await installation.redis.crash();
    await installation.redis.restart();
    await installation.start('notifier');
    await installation.start('identity');
    await installation.allDelivered(1);
    expect(codesIn(installation.read('mail.txt'))).toHaveLength(1);
  });

  it('when two notifiers take from one queue', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `user${index}`);
    const server = await mailServer({ tls: 'none' });
    const installation = await install({ notifier: `${byMail(server)}\n    disable_starttls: true`, names });
    await Promise.all([installation.start('identity'), installation.start('notifier'), installation.start('notifier')]);
    for (const name of names) await installation.askForCode(name);
    await installation.allDelivered(names.length);
    expect(server.mails.flatMap(({ to }) => to).sort()).toEqual(names.map((name) => `${name}@example.com`).sort());
  });
});

describe('by mail', () => {
  it('a code arrives as text and HTML', async () => {
    const server = await mailServer();
    const installation = await install({ notifier: byMail(server) });
    await Promise.all([installation.start('identity'), installation.start('notifier')]);
    await installation.askForCode();
    await installation.allDelivered(1);
    const [mail] = server.mails;
    expect(mail).toMatchObject({ to: ['alice@example.com'], secure: true });
    expect(mail!.readable).toContain('Subject: [Authelia] Confirm your identity\n');
    expect(mail!.readable).toContain('Content-Type: text/html');
    const [code = ''] = codesIn(mail!.readable);
    const finished = await installation.identity.finishElevation({ username: 'alice', handle: 'alice-1', ip: '192.0.2.1', code });
    expect(finished.outcome).toBe('elevated');
  });

  it('a refused recipient is tried again, then listed as failed, and arrives once the operator retries', async () => {
    const server = await mailServer({ tls: 'none' });
    // Long enough for two attempts, and for the third that the operator asks for.
    const installation = await install({ notifier: `${byMail(server)}\n    disable_starttls: true`, codeLifespan: '5s' });
    const [, notifier] = await Promise.all([installation.start('identity'), installation.start('notifier')]);
    server.manners.recipient = () => refusal(550, 'no such user here');
    await installation.askForCode();
    await eventually('it is listed as failed', async () => (await installation.notices())[0]?.state === 'failed');
    const [failed] = await installation.notices();
    expect(failed).toMatchObject({ attempts: 2, lastError: expect.stringContaining('no such user here'), recipient: 'alice@example.com' });
    expect(await (await fetch(`${notifier.metricsUrl}/metrics`)).text()).toContain('portcullis_notifier_deliveries_total{outcome="given_up"} 1');
    await eventually('it is in the log', () => /level=error.*given up.*no such user here/u.test(notifier.output));
    server.manners.recipient = null;
    expect(await installation.admin.retryNotice({ id: failed!.id })).toEqual({ outcome: 'queued' });
    await installation.allDelivered(1);
    expect(server.mails).toHaveLength(1);
  });

  it('a server that is away at first gets the mail when it is there', async () => {
    const port = await freePort();
    const installation = await install({
      notifier: `  disable_startup_check: true\n  smtp: { address: "smtp://127.0.0.1:${port}", sender: a@example.com, tls: { skip_verify: true } }`,
    });
    await Promise.all([installation.start('identity'), installation.start('notifier')]);
    await installation.askForCode();
    await eventually('it was tried', async () => ((await installation.notices())[0]?.attempts ?? 0) > 0);
    const server = await mailServer({ port });
    await installation.allDelivered(1);
    expect(server.mails).toHaveLength(1);
  });

  it('a notifier that is killed mid-answer leaves the mail to the next, with the same Message-ID', async () => {
    const server = await mailServer();
    const installation = await install({ notifier: byMail(server) });
    await installation.start('identity');
    const first = await installation.start('notifier');
    const held = Promise.withResolvers<undefined>();
    server.manners.mail = () => {
      held.resolve(undefined);
      // Killed while the server still thinks about it.
      first.child.kill('SIGKILL');
      return null;
    };
    await installation.askForCode();
    await held.promise;
    server.manners.mail = null;
    await first.end('SIGKILL');
    await installation.start('notifier');
    await eventually('the mail came again', () => server.mails.length === 2, 40_000);
    await installation.allDelivered(1);
    expect(new Set(server.mails.map(({ readable }) => /^Message-ID: (.*)$/imu.exec(readable)?.[1])).size).toBe(1);
  });
});

describe('the notifier alone', () => {
  it('says that it needs a Redis, and ends', async () => {
    const installation = await install({ notifier: TO_FILE });
    writeFileSync(installation.path('notifier.yml'), installation.read('notifier.yml').replace(/, redis: \{[^}]*\}/u, ''));
    const notifier = await installation.launch('notifier');
    await eventually('it ended', () => notifier.hasEnded);
    expect(notifier.child.exitCode).toBe(1);
    expect(notifier.output).toContain('session.redis is not configured');
  });

  it('does not start where the mail server does not answer, and says which', async () => {
    const port = await freePort();
    const installation = await install({ notifier: `  smtp: { address: "smtp://127.0.0.1:${port}", sender: a@example.com }` });
    const notifier = await installation.launch('notifier');
    await eventually('it ended', () => notifier.hasEnded);
    expect(notifier.child.exitCode).toBe(1);
    expect(notifier.output).toContain(`the mail server 127.0.0.1:${port}`);
    expect(notifier.output).toContain('ECONNREFUSED');
  });

  it('does not start where the mail server refuses the sender, and names the setting', async () => {
    const server = await mailServer();
    server.manners.sender = () => refusal(553, 'not your address');
    const installation = await install({ notifier: byMail(server) });
    const notifier = await installation.launch('notifier');
    await eventually('it ended', () => notifier.hasEnded);
    expect(notifier.child.exitCode).toBe(1);
    expect(notifier.output).toContain('notifier.smtp.sender is refused: MAIL FROM:<portcullis@example.com>: 553 not your address');
  });

  it('does not start with a template that cannot be filled in', async () => {
    const installation = await install({ notifier: `${TO_FILE}\n  template_path: DIRECTORY` });
    writeFileSync(installation.path('Event.txt'), '{{ .DisplayNmae }}');
    const notifier = await installation.launch('notifier');
    await eventually('it ended', () => notifier.hasEnded);
    expect(notifier.child.exitCode).toBe(1);
    expect(notifier.output).toContain("Event.txt: there is no field '.DisplayNmae'");
  });

  it('ends with its supervisor', async () => {
    const installation = await install({ notifier: TO_FILE });
    const notifier = await installation.start('notifier');
    notifier.child.stdin?.end();
    await eventually('it ended', () => notifier.hasEnded);
    expect(notifier.child.exitCode).toBe(0);
  });

  it('ends also while Redis is away', async () => {
    const installation = await install({ notifier: TO_FILE });
    const notifier = await installation.start('notifier');
    await installation.redis.crash();
    await eventually('it is not ready', async () => (await fetch(`${notifier.metricsUrl}/health/ready`)).status === 503);
    expect(await notifier.end('SIGTERM')).toBe(0);
  });
});
