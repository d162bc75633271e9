import { describe, expect, it } from 'vitest';
import { demoPage } from './demo-backend.mjs';
import { sshLine, welcome, withoutConfiguration } from './demo.mjs';
import { newPassword } from './demo-state.mjs';

const ports = { proxy: 8081, gateway: 1, backend: 2, management: 3 };

describe('the demonstration', () => {
  it('says where it is, whom to sign in as, and where mails land', () => {
    const text = welcome({ ports, people: [{ name: 'demo', password: 'abc' }, { name: 'admin' }], proxy: 'Caddy', dir: '/clone/data/demo' });
    for (const part of [
      'http://auth.portcullis.localhost:8081',
      'http://app.portcullis.localhost:8081',
      'demo   abc',
      '(the password you have set)',
      'http://mail.portcullis.localhost:8081',
      'http://vault.portcullis.localhost:8081',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('ssh');
  });

  it('prints the line that brings it over SSH, where it runs over SSH', () => {
    expect(sshLine('192.0.2.7 50022 192.0.2.1 22', 8080, 'ann')).toBe('ssh -L 8080:127.0.0.1:8080 ann@192.0.2.1');
    expect(sshLine(undefined, 8080, 'ann')).toBeUndefined();
  });

  it('is not changed by variables that configure an installation', () => {
    expect(withoutConfiguration({ AUTHELIA_SESSION_SECRET: 'x', X_AUTHELIA_CONFIG: 'y', PORTCULLIS_LOG_LEVEL: 'debug', PATH: '/bin' })).toEqual({
      PATH: '/bin',
    });
  });

  it('makes passwords that can be typed from paper', () => {
    const passwords = Array.from({ length: 100 }, newPassword);
    for (const password of passwords) expect(password).toMatch(/^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){2}$/);
    expect(new Set(passwords).size).toBe(100);
  });

  it('shows a name as text whatever it holds, and no cookie', () => {
    const page = demoPage({ host: 'app.portcullis.localhost:8081', 'remote-name': '<img src=x>', 'remote-user': 'demo', cookie: 'secret' }, 8081);
    expect(page).toContain('&#60;img src=x&#62;');
    expect(page).not.toContain('<img');
    expect(page).not.toContain('secret');
  });
});
