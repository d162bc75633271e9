import { configurationKeys } from './keys.js';
import { configurationMappings } from './mappings.js';

/** All that the loader of platform-config must be told; shaped as its `ConfigurationTables`. */
export const configurationTables = {
  keys: Object.fromEntries(Object.entries(configurationKeys).map(([path, { kind }]) => [path, kind])),
  mappings: configurationMappings,
  prefixes: ['PORTCULLIS_', 'AUTHELIA_'],
  secretNames: ['key', 'secret', 'password', 'token', 'certificate_chain'],
  reservedVariables: ['PORTCULLIS_CONFIG', 'PORTCULLIS_CONFIG_FILTERS', 'PORTCULLIS_SUPERVISED', 'PORTCULLIS_INSTANCE'],
  filterVariables: ['PORTCULLIS_CONFIG_FILTERS', 'X_AUTHELIA_CONFIG_FILTERS'],
  fileVariables: ['PORTCULLIS_CONFIG', 'X_AUTHELIA_CONFIG'],
  defaultFile: 'configuration.yml',
  overlay: 'portcullis.yml',
} as const;
