/**
 * How the value of a key is read. `strings` is a text or a list, a text being cut at its commas; `texts` is the same without the cut;
 * `duration or word` leaves what is no duration as it is; `any` is not looked into (nor below).
 */
export type KeyKind = 'string' | 'integer' | 'boolean' | 'duration' | 'duration or word' | 'address' | 'strings' | 'texts' | 'any';

/** The values found under the old names of a mapping, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** An old name and what becomes of it. `from` and `to` may be keys of entries of one list (`rules[].path` to `rules[].resources`). */
export type Mapping =
  | {
      readonly kind: 'rename';
      readonly from: string;
      readonly to: string;
      /** What people read; absent: the mapping is silent. */
      readonly note?: string;
      /** Both names at once: by default the new one is used and the old one warned of. */
      readonly conflict?: 'error';
      /** Another shape of the value, or an error. */
      readonly convert?: (value: unknown) => { readonly value: unknown } | { readonly error: string };
    }
  | {
      /** Several old names that make one new value; together with the new name they are an error. */
      readonly kind: 'combine';
      readonly from: readonly string[];
      readonly to: string;
      readonly note: string;
      readonly combine: (values: Values) => unknown;
    }
  | { readonly kind: 'drop'; readonly from: string; readonly note: string }
  | { readonly kind: 'refuse'; readonly from: string; readonly note: string; readonly fix?: string };

/** Everything about one product's configuration that the loader must be told. */
export interface ConfigurationTables {
  /** Every key by its path (`session.cookies[].domain`; `*` stands for a name the operator chooses). */
  readonly keys: Readonly<Record<string, KeyKind>>;
  /** Applied in this order, so that one may feed the next. */
  readonly mappings: readonly Mapping[];
  /** Prefixes of environment variables, the strongest first. */
  readonly prefixes: readonly string[];
  /** Ends of key names whose value may come from the file that `<VARIABLE>_FILE` names. */
  readonly secretNames: readonly string[];
  /** Variables that carry a prefix and are no keys. */
  readonly reservedVariables: readonly string[];
  /** Variables that name the filters files go through before they are read, the strongest first. */
  readonly filterVariables: readonly string[];
  /** Variables that name the files when no flag does, the strongest first. */
  readonly fileVariables: readonly string[];
  readonly defaultFile: string;
  /** A file of this name beside the first one is merged last. */
  readonly overlay: string;
}
