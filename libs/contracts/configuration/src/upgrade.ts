import type { ConfigurationMapping } from './mappings.js';
import type { ConfigurationTree } from './section.js';

/**
 * Mappings for rewriting a file: those of old forms that are honoured without being mapped, because a section reads them itself (flat
 * keys of new digests), or because something is missing that only a person knows (the address of the portal of `session.domain`).
 */
export function upgradeMappings(tree: ConfigurationTree, portalAddress: string | null): readonly ConfigurationMapping[] {
  return [...flatDigestKeys(tree), ...(portalAddress === null ? [] : [singleDomain(portalAddress)])];
}

/** `session.domain` and the redirection that belongs to it, as the one entry of `session.cookies`. */
function singleDomain(portalAddress: string): ConfigurationMapping {
  return {
    kind: 'combine',
    from: ['session.domain', 'default_redirection_url'],
    to: 'session.cookies',
    note: 'a list of domains since 4.38',
    combine: (values) => [
      {
        domain: values['session.domain'],
        authelia_url: portalAddress,
        ...(values['default_redirection_url'] === undefined ? {} : { default_redirection_url: values['default_redirection_url'] }),
      },
    ],
  };
}

const PASSWORD = 'authentication_backend.file.password';
const FLAT: Readonly<Record<string, readonly string[]>> = {
  argon2: ['iterations', 'memory', 'parallelism', 'key_length', 'salt_length'],
  argon2id: ['iterations', 'memory', 'parallelism', 'key_length', 'salt_length'],
  scrypt: ['iterations', 'parallelism', 'key_length', 'salt_length'],
  pbkdf2: ['iterations', 'salt_length'],
  sha2crypt: ['iterations', 'salt_length'],
  sha512: ['iterations', 'salt_length'],
};
const SECTIONS: Readonly<Record<string, string>> = { argon2id: 'argon2', sha512: 'sha2crypt' };

function flatDigestKeys(tree: ConfigurationTree): readonly ConfigurationMapping[] {
  const written = PASSWORD.split('.').reduce<unknown>(child, tree);
  const named = child(written, 'algorithm');
  const algorithm = typeof named === 'string' ? named.toLowerCase() : 'argon2';
  return (FLAT[algorithm] ?? []).map((name) => ({
    kind: 'rename',
    from: `${PASSWORD}.${name}`,
    to: `${PASSWORD}.${SECTIONS[algorithm] ?? algorithm}.${name}`,
    ...(name === 'memory' ? { convert: mebibytesToKibibytes } : {}),
  }));
}

function mebibytesToKibibytes(value: unknown): { readonly value: unknown } | { readonly error: string } {
  const memory = Number(value);
  return Number.isInteger(memory) ? { value: memory * 1024 } : { error: `'${String(value)}' is no whole number` };
}

function child(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
