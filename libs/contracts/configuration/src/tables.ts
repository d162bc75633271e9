import { configurationKeys } from './keys.js';
import { configurationMappings } from './mappings.js';

/** All that the loader of platform-config must be told; shaped as its `ConfigurationTables`. */
export const configurationTables = {
  keys: Object.fromEntries(Object.entries(configurationKeys).map(([path, { kind }]) => [path, kind])),
  mappings: configurationMappings,
  prefixes: ['PORTCULLIS_', 'AUTHELIA_'],
  secretNames: ['key', 'secret', 'password', 'token', 'certificate_chain'],
  reservedVariables: ['PORTCULLIS_CONFIG', 'PORTCULLIS_CONFIG_FILTERS', 'PORTCULLIS_SUPERVISED'],
  refusedVariables: ['X_AUTHELIA_CONFIG_FILTERS', 'PORTCULLIS_CONFIG_FILTERS'].map((name) => ({
    name,
    message: `${name}: the filters template and expand-env are not there yet; what they would fill in would be read as it stands`,
    fix: 'write the values out, or set them by variables (PORTCULLIS_SESSION_SECRET, PORTCULLIS_SESSION_SECRET_FILE), and unset it',
  })),
  fileVariables: ['PORTCULLIS_CONFIG', 'X_AUTHELIA_CONFIG'],
  defaultFile: 'configuration.yml',
  overlay: 'portcullis.yml',
} as const;
