import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.js';

const tcp = { scheme: 'tcp', host: '', port: null, path: '', socketPath: null, umask: null };
const unix = { ...tcp, scheme: 'unix', socketPath: '/run/gate.sock' };

describe('parseAddress', () => {
  it.each([
    ['tcp://:9091/', { ...tcp, port: 9091, path: '/' }],
    ['tcp://0.0.0.0:9091/authelia', { ...tcp, host: '0.0.0.0', port: 9091, path: '/authelia' }],
    ['tcp6://[::1]:9091', { ...tcp, scheme: 'tcp6', host: '::1', port: 9091 }],
    ['TCP://host', { ...tcp, host: 'host' }],
    ['localhost:9091', { ...tcp, scheme: null, host: 'localhost', port: 9091 }],
    [':9091', { ...tcp, scheme: null, port: 9091 }],
    ['mail.example.com:587', { ...tcp, scheme: null, host: 'mail.example.com', port: 587 }],
    ['submissions://mail.example.com', { ...tcp, scheme: 'submissions', host: 'mail.example.com' }],
    ['udp://time.example.com:123', { ...tcp, scheme: 'udp', host: 'time.example.com', port: 123 }],
    ['unix:///run/gate.sock', unix],
    ['/run/gate.sock', unix],
    ['unix:///run/gate.sock?umask=0022&path=authelia', { ...unix, umask: 0o022, path: '/authelia' }],
  ])('reads %s', (written, address) => {
    expect(parseAddress(written)).toEqual({ ok: true, value: address });
  });

  it.each([
    '',
    'http://host',
    'tcp://host:port',
    'tcp://host:99999',
    'tcp://user@host:1',
    'a b',
    'unix://run/gate.sock',
    '/run/x?umask=99',
    9091,
    null,
  ])('refuses %j', (written) => {
    expect(parseAddress(written).ok).toBe(false);
  });
});
