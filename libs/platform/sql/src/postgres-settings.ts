/** Where a PostgreSQL server is, and who signs in there. */
export interface PostgresSettings {
  /** A name or an address; the directory of its socket where it begins with a slash. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Our tables and nobody else's lie in it; it is made where it is absent. */
  readonly schema: string;
  readonly username: string;
  readonly password?: string | undefined;
  /** How long connecting may take, waiting for a free connection included. */
  readonly timeoutMs: number;
  /** undefined: in the clear. */
  readonly tls?: PostgresTls | undefined;
}

export interface PostgresTls {
  /** The name in the certificate, where it is not the host's. */
  readonly serverName?: string | undefined;
  readonly skipVerify: boolean;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** PEM. */
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
}

/** As messages and logs call it; without the password. */
export const placeOf = ({ host, port, database, schema }: PostgresSettings): string =>
  `the schema ${schema} of ${serverOf({ host, port })}, database ${database}`;

export const serverOf = ({ host, port }: Pick<PostgresSettings, 'host' | 'port'>): string =>
  host.startsWith('/') ? `PostgreSQL at ${host} (port ${port})` : `PostgreSQL at ${host.includes(':') ? `[${host}]` : host}:${port}`;
