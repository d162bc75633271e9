/** Files, environment and secrets to one plain tree, with every problem named at once. */
export { parseAddress, type Address } from './address.js';
export { parseDuration } from './duration.js';
export { hashOf, filterConfiguration, loadConfiguration, readText, type FileText, type Loaded, type LoadOptions, type TextReading } from './load.js';
export { type Parsed } from './parsed.js';
export { keepLayout } from './keep-layout.js';
export { formatProblems, hasErrors, locateProblems, reportProblems, type Problem, type Source, type Sources } from './problem.js';
export { keepConfiguration, keptConfigurations, type KeptConfiguration, type NewConfiguration } from './kept-configurations.js';
export { replaceFile } from './replace-file.js';
export { rewriteYaml, type Rewriting, type Rewritten } from './rewrite-yaml.js';
export { ensureSecretFile, SecretFileError } from './secret-file.js';
export { type ConfigurationTables, type KeyKind, type Mapping, type Values } from './tables.js';
export { untilSettled, watchFiles, type WatchOptions } from './watch.js';
export { readYaml, type YamlFile } from './read-yaml.js';
