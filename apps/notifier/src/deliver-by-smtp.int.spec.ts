import type { SmtpConfiguration } from '@portcullis/contracts-configuration';
import { freePort } from '@portcullis/platform-redis/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createSmtpDelivery } from './deliver-by-smtp.js';
import { type MailServer, type MailServerOptions, refusal, startMailServer } from './smtp.fixture.js';

const letter = {
  to: { name: 'Ålice, "A"', address: 'alice@example.com' },
  title: 'Confirm your identity',
  text: 'Hello Ålice,\n\nABCDEFGH\n',
  html: '<p>Hello Ålice</p>',
};

const servers: MailServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
async function start(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  servers.push(server);
  return server;
}
const deliveryTo = ({ settings }: MailServer, changes: Partial<SmtpConfiguration> = {}) => createSmtpDelivery({ ...settings, ...changes });

describe('a mail', () => {
  it('arrives as text and HTML, over STARTTLS, from the sender and with its subject', async () => {
    const server = await start();
    await deliveryTo(server).deliver('notice1', letter);
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: 'portcullis@example.com', to: ['alice@example.com'], secure: true });
    expect(mail!.readable).toContain('Subject: [Authelia] Confirm your identity\n');
    expect(mail!.readable).toContain('From: Portcullis <portcullis@example.com>\n');
    expect(mail!.readable).toContain('Content-Type: multipart/alternative');
    expect(mail!.readable).toContain('Hello Ålice,\n\nABCDEFGH\n');
    expect(mail!.readable).toContain('<p>Hello Ålice</p>');
    expect(mail!.readable).toContain('Auto-Submitted: auto-generated\n');
    expect(server.greetings).toEqual(['gate.example.com']);
  });

  it('has the same Message-ID at every attempt', async () => {
    const server = await start();
    const delivery = deliveryTo(server);
    await delivery.deliver('notice1', letter);
    await delivery.deliver('notice1', letter);
    const ids = server.mails.map(({ readable }) => /^Message-ID: (.*)$/imu.exec(readable)?.[1]);
    expect(ids).toEqual(['<notice1@example.com>', '<notice1@example.com>']);
  });

  it('is text alone where HTML is disabled', async () => {
    const server = await start();
    await deliveryTo(server, { htmlDisabled: true }).deliver('1', letter);
    expect(server.mails[0]!.readable).not.toMatch(/html/iu);
    expect(server.mails[0]!.readable).toContain('ABCDEFGH');
  });

  it('has a subject of the configuration', async () => {
    const server = await start();
    await deliveryTo(server, { subject: '{title} ({title}) at home' }).deliver('1', letter);
    expect(server.mails[0]!.readable).toContain('Subject: Confirm your identity (Confirm your identity) at home\n');
  });

  it('goes after authentication where a user is configured', async () => {
    const server = await start({ credentials: { user: 'gate', password: 'pass word' } });
    await deliveryTo(server).deliver('1', letter);
    expect(server.mails[0]!.user).toBe('gate');
    await expect(deliveryTo(server, { password: 'wrong' }).deliver('2', letter)).rejects.toThrow(/wrong user or password/u);
    await expect(deliveryTo(server, { username: null }).deliver('3', letter)).rejects.toThrow(/uthentication/u);
  });

  it('goes over TLS from the first byte to submissions', async () => {
    const server = await start({ tls: 'implicit' });
    await deliveryTo(server).deliver('1', letter);
    expect(server.mails[0]!.secure).toBe(true);
  });

  it('is not sent in the clear where STARTTLS is required and not offered', async () => {
    const server = await start({ tls: 'none' });
    await expect(deliveryTo(server, { startTls: 'required' }).deliver('1', letter)).rejects.toThrow(/STARTTLS/u);
    expect(server.envelopes).toEqual([]);
  });

  it('goes in the clear where that was chosen: STARTTLS if there is any, or never', async () => {
    const plain = await start({ tls: 'none' });
    await deliveryTo(plain, { startTls: 'opportunistic' }).deliver('1', letter);
    await deliveryTo(plain, { startTls: 'never' }).deliver('2', letter);
    expect(plain.mails.map(({ secure }) => secure)).toEqual([false, false]);
    const able = await start();
    await deliveryTo(able, { startTls: 'opportunistic' }).deliver('1', letter);
    await deliveryTo(able, { startTls: 'never' }).deliver('2', letter);
    expect(able.mails.map(({ secure }) => secure)).toEqual([true, false]);
  });

  it('does not go to a server whose certificate nobody vouches for', async () => {
    const server = await start();
    const tls = { ...server.settings.tls, skipVerify: false };
    await expect(deliveryTo(server, { tls }).deliver('1', letter)).rejects.toThrow(/self-signed certificate/u);
    expect(server.mails).toEqual([]);
  });

  it('says which recipient was refused', async () => {
    const server = await start();
    server.manners.recipient = () => refusal(550, 'no such user here');
    await expect(deliveryTo(server).deliver('1', letter)).rejects.toThrow(/no such user here/u);
  });
});

describe('the check at the start', () => {
  it('goes up to the recipient and sends nothing', async () => {
    const server = await start({ credentials: { user: 'gate', password: 'secret' } });
    await deliveryTo(server).check();
    expect(server.envelopes).toEqual(['from portcullis@example.com', 'to test@example.org']);
    expect(server.mails).toEqual([]);
  });

  it('works without authentication too', async () => {
    const server = await start({ tls: 'none' });
    await deliveryTo(server).check();
    expect(server.envelopes).toHaveLength(2);
  });

  it('names the setting whose address is refused, and what the server said', async () => {
    const server = await start({ credentials: { user: 'gate', password: 'secret' } });
    const reason = (): Promise<string> =>
      deliveryTo(server)
        .check()
        .then(
          () => 'all is well',
          (error: unknown) => (error as Error).message,
        );
    server.manners.recipient = () => refusal(550, 'relaying denied');
    expect(await reason()).toBe('notifier.smtp.startup_check_address is refused: RCPT TO:<test@example.org>: 550 relaying denied');
    server.manners.sender = () => refusal(553, 'not your address');
    expect(await reason()).toBe('notifier.smtp.sender is refused: MAIL FROM:<portcullis@example.com>: 553 not your address');
    expect(server.mails).toEqual([]);
  });

  it('says that the password is wrong', async () => {
    const server = await start({ credentials: { user: 'gate', password: 'secret' } });
    await expect(deliveryTo(server, { password: 'other' }).check()).rejects.toThrow(/wrong user or password/u);
  });

  it('says that nobody answers', async () => {
    const server = await start();
    await expect(deliveryTo(server, { port: await freePort() }).check()).rejects.toThrow(/ECONNREFUSED/u);
  });

  it('says that STARTTLS is missing', async () => {
    const server = await start({ tls: 'none' });
    await expect(deliveryTo(server, { startTls: 'required' }).check()).rejects.toThrow(/STARTTLS/u);
  });
});
