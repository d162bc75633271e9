import { describe, expect, it } from 'vitest';
import { parseMails } from './demo-mails.mjs';

const mail = (subject, text, second = '01') =>
  `Date: 2026-11-26 08:00:${second} +0000 UTC\nRecipient: {Demo Person demo@portcullis.localhost}\nSubject: ${subject}\n${text}\n\n`;

describe('the mails of the demonstration', () => {
  it('are read from the notice file, the newest first', () => {
    const mails = parseMails(mail('Confirm your identity', 'ABCD') + mail('Reset your password', 'https://x/?token=a\nbye', '02'));
    expect(mails.map(({ subject }) => subject)).toEqual(['Reset your password', 'Confirm your identity']);
    expect(mails[0]).toEqual({
      date: '2026-11-26 08:00:02 +0000 UTC',
      name: 'Demo Person',
      address: 'demo@portcullis.localhost',
      subject: 'Reset your password',
      text: 'https://x/?token=a\nbye',
    });
  });

  it('are none before the first', () => {
    expect(parseMails('')).toEqual([]);
  });

  it('do not end at a line that looks like a date', () => {
    expect(parseMails(mail('Hello', 'Date: tomorrow\nyes'))).toHaveLength(1);
  });
});
