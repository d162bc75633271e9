import { createTransport, type Transporter } from 'nodemailer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseMail, type RunningSmtp, startSmtp } from './index.js';

function transportTo(smtp: RunningSmtp, options: object = {}): Transporter {
  const transport = createTransport({ host: smtp.host, port: smtp.port, tls: { ca: smtp.ca }, ...options });
  onTestFinished(() => {
    transport.close();
  });
  return transport;
}

const mail = {
  from: 'Portal <no-reply@example.com>',
  to: 'john@example.com',
  subject: 'Grüße',
  text: 'Code:\n\nÄBC=123\n',
  html: '<p>Code: <b>ÄBC</b></p>',
};

describe('startSmtp', () => {
  it('takes mail over STARTTLS from who authenticates, and reads it', async () => {
    const smtp = await startSmtp({ credentials: { user: 'portal', password: 'secret' } });
    await transportTo(smtp, { requireTLS: true, auth: { user: 'portal', pass: 'secret' } }).sendMail(mail);
    const received = await smtp.mail(({ to }) => to.includes('john@example.com'));
    expect(received).toMatchObject({
      from: 'no-reply@example.com',
      secure: true,
      user: 'portal',
      text: 'Code:\n\nÄBC=123\n',
      html: '<p>Code: <b>ÄBC</b></p>',
    });
    expect(received.headers).toMatchObject({ subject: 'Grüße', to: 'john@example.com' });
  });

  it('refuses a wrong password, and mail without any', async () => {
    const smtp = await startSmtp({ credentials: { user: 'portal', password: 'secret' } });
    await expect(transportTo(smtp, { auth: { user: 'portal', pass: 'wrong' } }).sendMail(mail)).rejects.toMatchObject({ code: 'EAUTH' });
    await expect(transportTo(smtp).sendMail(mail)).rejects.toMatchObject({ responseCode: 530 });
    expect(smtp.messages).toEqual([]);
  });

  it('speaks TLS from the start, or never', async () => {
    const implicit = await startSmtp({ tls: 'implicit' });
    await transportTo(implicit, { secure: true }).sendMail(mail);
    expect((await implicit.mail(() => true)).secure).toBe(true);
    const plain = await startSmtp({ tls: 'none' });
    await transportTo(plain).sendMail(mail);
    expect((await plain.mail(() => true)).secure).toBe(false);
    await expect(transportTo(plain, { requireTLS: true }).sendMail(mail)).rejects.toThrow();
  });

  it('refuses for now, for ever, or goes silent, before or after it took the mail', async () => {
    const smtp = await startSmtp();
    smtp.receive({ refuse: 451 });
    await expect(transportTo(smtp).sendMail(mail)).rejects.toMatchObject({ responseCode: 451 });
    smtp.receive('hang up');
    await expect(transportTo(smtp).sendMail(mail)).rejects.toThrow();
    expect(smtp.messages).toHaveLength(0);
    smtp.receive('take and hang up');
    await expect(transportTo(smtp).sendMail(mail)).rejects.toThrow();
    expect(smtp.messages).toHaveLength(1);
    smtp.receive('take');
    await transportTo(smtp).sendMail(mail);
    expect(smtp.messages).toHaveLength(2);
  });
});

describe('parseMail', () => {
  it('reads a plain message without parts', () => {
    const source = 'Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n =?UTF-8?Q?_again?=\r\nContent-Type: text/plain\r\n\r\nHello\r\nthere\r\n';
    expect(parseMail(source)).toEqual({ headers: { subject: 'Grüße again', 'content-type': 'text/plain' }, text: 'Hello\nthere\n', html: '' });
  });
});
