import type { RawTls } from './raw.js';
import type { Report } from './report.js';
import type { TlsConfiguration } from './values.js';

const VERSIONS = { 'TLS1.2': 'TLSv1.2', 'TLS1.3': 'TLSv1.3' } as const;

/** The `tls` section of a server we connect to. */
export function readTls(tls: RawTls, path: string, report: Report): TlsConfiguration {
  if (tls.skip_verify === true)
    report.warning(
      `${path}.skip_verify`,
      `${path}.skip_verify: anybody on the way can read and change what is sent`,
      'trust the certificate instead',
    );
  if ((tls.private_key === undefined) !== (tls.certificate_chain === undefined)) {
    report.error(path, `${path}.private_key and ${path}.certificate_chain belong together`, 'set both or neither');
  }
  return {
    serverName: tls.server_name,
    skipVerify: tls.skip_verify ?? false,
    ...readVersions(tls, path, report),
    key: tls.private_key,
    cert: tls.certificate_chain,
  };
}

/** The oldest and the newest version of the protocol. */
export function readVersions(
  tls: Pick<RawTls, 'minimum_version' | 'maximum_version'>,
  path: string,
  report: Report,
): Pick<TlsConfiguration, 'minVersion' | 'maxVersion'> {
  const minVersion = version(tls.minimum_version, `${path}.minimum_version`, report) ?? 'TLSv1.2';
  const maxVersion = version(tls.maximum_version, `${path}.maximum_version`, report);
  if (minVersion === 'TLSv1.3' && maxVersion === 'TLSv1.2') {
    report.error(`${path}.maximum_version`, `${path}.maximum_version is older than minimum_version: no version is left`, 'take maximum_version out');
  }
  return { minVersion, maxVersion };
}

function version(value: string | undefined, path: string, report: Report): TlsConfiguration['maxVersion'] {
  if (value === undefined || value === '') return undefined;
  const name = value.toUpperCase().replaceAll(' ', '');
  if (name === 'TLS1.2' || name === 'TLS1.3') return VERSIONS[name];
  report.error(path, `'${value}' is not one of TLS1.2, TLS1.3`, 'write TLS1.2, the oldest that is safe');
  return undefined;
}
