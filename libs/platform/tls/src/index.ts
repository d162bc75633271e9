/** Certificates of a listener: read whole or not at all, with every problem named. */
export { readServerTls, type ServerTls, type ServerTlsReading, type ServerTlsSettings, type TlsProblem } from './read-server-tls.js';
